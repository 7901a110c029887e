// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/** What a request's head says of its body. */
public final class BodyFraming {
  private BodyFraming() {}

  /** Whether there is none (RFC 9112, section 6.3); streams of HTTP/2 write the same fields. */
  public static boolean isNone(HttpHeaders request) {
    String length = request.get(HttpHeaderNames.CONTENT_LENGTH);
    return !request.contains(HttpHeaderNames.TRANSFER_ENCODING)
        && (length == null || length.equals("0"));
  }
}
