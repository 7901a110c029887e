// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Heads of HTTP/2 (RFC 9113, section 8.3) as heads of HTTP/1, which is how phases see all of them.
 */
public final class Http2Messages {
  /** How a head says that it came by HTTP/2. */
  public static final HttpVersion HTTP_2 = new HttpVersion("HTTP", 2, 0, true);

  private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");

  private Http2Messages() {}

  /**
   * A request as HTTP/1 would write it; that of a WebSocket (RFC 8441) becomes the upgrade that it
   * stands for.
   *
   * @param ended whether no body follows
   * @throws IllegalArgumentException when it is none
   */
  public static HttpRequest request(Http2Fields from, boolean ended) {
    CharSequence path = from.path();
    CharSequence method = from.method();
    if (path == null || method == null || from.scheme() == null || path.isEmpty()) {
      throw new IllegalArgumentException("a request without :path, :method or :scheme");
    }
    boolean webSocket = from.isWebSocket();
    HttpHeaders headers = from.fields();
    if (webSocket) {
      headers
          .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
          .set(HttpHeaderNames.UPGRADE, WEBSOCKET)
          .set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key());
    } else if (!ended && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    HttpMethod as = webSocket ? HttpMethod.GET : HttpMethod.valueOf(method.toString());
    return new DefaultHttpRequest(HTTP_2, as, path.toString(), headers);
  }

  /** A response as HTTP/1 would write it; throws IllegalArgumentException when it is none. */
  public static HttpResponse response(Http2Fields from) {
    CharSequence status = from.status();
    if (status == null || status.length() != 3) {
      throw new IllegalArgumentException("a response without :status");
    }
    HttpResponseStatus parsed = HttpResponseStatus.parseLine(status);
    if (parsed.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
      throw new IllegalArgumentException("101, which HTTP/2 has not (RFC 9113, section 8.6)");
    }
    return new DefaultHttpResponse(HttpVersion.HTTP_1_1, parsed, from.fields());
  }

  private static String key() {
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce);
    return Base64.getEncoder().encodeToString(nonce);
  }
}
