// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.ztunnel.telemetry.WholeLine;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a template tells of one request: strings and numbers only, as another thread writes it.
 *
 * @param begun when its head came
 * @param fields the header fields that the template asks for, in its order
 * @param trace its id; empty for none
 */
record TemplatedEntry(
    LineTemplate template,
    RequestEntry request,
    Instant begun,
    List<@Nullable String> fields,
    String trace)
    implements WholeLine {

  @Override
  public void appendTo(StringBuilder out) {
    template.append(this, out);
  }

  @Override
  public String message() {
    return request.message();
  }

  @Override
  public void writeTo(Fields to) {
    request.writeTo(to);
  }
}
