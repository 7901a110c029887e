// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

/**
 * How the response to an HTTP/1 request says where it ends, and whether the connection goes on (RFC
 * 9112, sections 6.3 and 9.3).
 */
final class Http1Framing {
  private final boolean http10;
  private final boolean toHead;
  private final boolean last;
  private boolean keepAlive;

  Http1Framing(HttpRequest request) {
    http10 = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
    toHead = request.method().equals(HttpMethod.HEAD);
    keepAlive = HttpUtil.isKeepAlive(request);
    last = !keepAlive;
  }

  /** Whether the client knows heads that are not the final one (RFC 9110, section 15.2). */
  boolean takesInterim() {
    return !http10;
  }

  /**
   * Writes it into a final head, which has {@code content-length} or nothing.
   *
   * @param draining whether the connection is to end in any case
   */
  void frame(HttpResponse head, boolean draining) {
    HttpHeaders headers = head.headers();
    if (!isEmpty(head.status().code()) && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      if (http10) {
        keepAlive = false;
      } else {
        headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      }
    }
    keepAlive &= !draining;
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (http10) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
  }

  private boolean isEmpty(int status) {
    return toHead || status == 204 || status == 304;
  }

  /** The connection goes over to another protocol, and has no further request. */
  void upgrade(HttpResponse head) {
    keepAlive = false;
    head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
  }

  /** Whether another request may follow. */
  boolean keepsAlive() {
    return keepAlive;
  }

  /** Whether the client said that it sends no other request (RFC 9112, section 9.6). */
  boolean isLast() {
    return last;
  }
}
