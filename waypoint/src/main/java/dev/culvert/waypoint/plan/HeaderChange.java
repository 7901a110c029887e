// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.policy.resource.HttpRouteFilter;
import io.netty.handler.codec.http.HttpHeaders;

/** Header fields to set, add and remove (Gateway API, HTTPHeaderFilter). */
public record HeaderChange(HttpRouteFilter.Headers fields) {
  /** Whether it is of responses. */
  public boolean isOfResponse() {
    return fields.response();
  }

  /** Changes these fields. */
  public void apply(HttpHeaders headers) {
    fields.remove().forEach(headers::remove);
    fields.set().forEach(headers::set);
    fields.add().forEach(headers::add);
  }
}
