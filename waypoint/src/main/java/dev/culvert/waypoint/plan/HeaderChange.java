// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.policy.resource.HttpRouteFilter;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Map;

/**
 * Header fields to set, add and remove (Gateway API, HTTPHeaderFilter). Names and values are made
 * once, in the form in which heads are looked up and written.
 */
public final class HeaderChange {
  private final boolean ofResponse;
  private final AsciiString[] removed;
  private final Field[] set;
  private final Field[] added;

  private record Field(AsciiString name, CharSequence value) {}

  /** That of a rule. */
  public HeaderChange(HttpRouteFilter.Headers fields) {
    this.ofResponse = fields.response();
    this.removed = fields.remove().stream().map(AsciiString::cached).toArray(AsciiString[]::new);
    this.set = fields(fields.set());
    this.added = fields(fields.add());
  }

  private static Field[] fields(Map<String, String> of) {
    return of.entrySet().stream()
        .map(field -> new Field(AsciiString.cached(field.getKey()), value(field.getValue())))
        .toArray(Field[]::new);
  }

  /** What is not ASCII stays as it was written. */
  private static CharSequence value(String text) {
    return text.chars().allMatch(c -> c < 0x80) ? AsciiString.cached(text) : text;
  }

  /** Whether it is of responses. */
  public boolean isOfResponse() {
    return ofResponse;
  }

  /** Changes these fields. */
  public void apply(HttpHeaders headers) {
    for (AsciiString name : removed) {
      headers.remove(name);
    }
    for (Field field : set) {
      headers.set(field.name, field.value);
    }
    for (Field field : added) {
      headers.add(field.name, field.value);
    }
  }
}
