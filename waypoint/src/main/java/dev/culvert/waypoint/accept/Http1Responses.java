// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Writes responses; the one to a HEAD request has no body, whatever its head says. */
final class Http1Responses extends HttpResponseEncoder {
  private boolean toHead;

  void toHead(boolean is) {
    toHead = is;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return toHead || super.isContentAlwaysEmpty(response);
  }
}
