// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
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
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Base64;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Heads of HTTP/2 (RFC 9113, section 8.3) as heads of HTTP/1, which is how phases see all of them,
 * and back. Names and values are checked: what HTTP/1 could not write must not come out of HTTP/2.
 */
public final class Http2Messages {
  /** How a head says that it came by HTTP/2. */
  public static final HttpVersion HTTP_2 = new HttpVersion("HTTP", 2, 0, true);

  private static final AsciiString PROTOCOL = AsciiString.cached(":protocol");
  private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");

  private Http2Messages() {}

  /**
   * A request as HTTP/1 would write it; that of a WebSocket (RFC 8441) becomes the upgrade that it
   * stands for.
   *
   * @param ended whether no body follows
   * @throws IllegalArgumentException when it is none
   */
  public static HttpRequest request(Http2Headers from, boolean ended) {
    CharSequence path = from.path();
    CharSequence method = from.method();
    if (path == null || method == null || path.isEmpty()) {
      throw new IllegalArgumentException("a request without :path or :method");
    }
    boolean webSocket = isWebSocket(from);
    HttpHeaders headers = new DefaultHttpHeaders();
    if (from.authority() != null) {
      headers.add(HttpHeaderNames.HOST, from.authority());
    }
    fields(from, headers);
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

  /** Whether it asks for a WebSocket. */
  public static boolean isWebSocket(Http2Headers from) {
    CharSequence protocol = from.get(PROTOCOL);
    return protocol != null && WEBSOCKET.contentEqualsIgnoreCase(protocol);
  }

  /** A response as HTTP/1 would write it; throws IllegalArgumentException when it is none. */
  public static HttpResponse response(Http2Headers from) {
    CharSequence status = from.status();
    if (status == null || status.length() != 3) {
      throw new IllegalArgumentException("a response without :status");
    }
    HttpHeaders headers = new DefaultHttpHeaders();
    fields(from, headers);
    HttpResponseStatus parsed = HttpResponseStatus.parseLine(status);
    if (parsed.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
      throw new IllegalArgumentException("101, which HTTP/2 has not (RFC 9113, section 8.6)");
    }
    return new DefaultHttpResponse(HttpVersion.HTTP_1_1, parsed, headers);
  }

  /** Trailers as HTTP/1 would write them. */
  public static HttpHeaders trailers(Http2Headers from) {
    HttpHeaders trailers = new DefaultHttpHeaders();
    fields(from, trailers);
    return trailers;
  }

  private static void fields(Http2Headers from, HttpHeaders to) {
    StringBuilder cookies = null;
    for (Map.Entry<CharSequence, CharSequence> field : from) {
      CharSequence name = field.getKey();
      if (name.charAt(0) == ':') {
        continue;
      }
      if (HttpHeaderNames.COOKIE.contentEqualsIgnoreCase(name)) {
        // One field in HTTP/1 (RFC 9113, section 8.2.3).
        cookies = cookies == null ? new StringBuilder() : cookies.append("; ");
        cookies.append(field.getValue());
      } else if (!repeatsHost(name, field.getValue(), to)) {
        to.add(name, field.getValue());
      }
    }
    if (cookies != null) {
      to.set(HttpHeaderNames.COOKIE, cookies);
    }
  }

  /** Whether it says again what {@code :authority} said. */
  private static boolean repeatsHost(CharSequence name, CharSequence value, HttpHeaders to) {
    return HttpHeaderNames.HOST.contentEqualsIgnoreCase(name)
        && to.contains(HttpHeaderNames.HOST, value, true);
  }

  private static String key() {
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce);
    return Base64.getEncoder().encodeToString(nonce);
  }

  /** A request to send by HTTP/2. */
  public static Http2Headers toHttp2(HttpRequest from, String scheme) {
    HttpHeaders headers = from.headers();
    boolean webSocket = headers.contains(HttpHeaderNames.UPGRADE);
    Http2Headers to = new DefaultHttp2Headers(false, headers.size() + 4);
    to.method(webSocket ? HttpMethod.CONNECT.asciiName() : from.method().asciiName())
        .scheme(scheme)
        .path(from.uri());
    String host = headers.get(HttpHeaderNames.HOST);
    if (host != null) {
      to.authority(host);
    }
    if (webSocket) {
      to.set(PROTOCOL, WEBSOCKET);
    }
    copy(headers, to);
    if (webSocket) {
      to.remove(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    }
    return to;
  }

  /** A response to send by HTTP/2. */
  public static Http2Headers toHttp2(HttpResponse from) {
    Http2Headers to = new DefaultHttp2Headers(false, from.headers().size() + 1);
    boolean switches = from.status().code() == 101;
    to.status(switches ? HttpResponseStatus.OK.codeAsText() : from.status().codeAsText());
    copy(from.headers(), to);
    if (switches) {
      to.remove(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
    }
    return to;
  }

  /** Trailers to send by HTTP/2. */
  public static Http2Headers toHttp2(HttpHeaders trailers) {
    HttpHeaders allowed = new DefaultHttpHeaders();
    HopByHop.copyTrailers(trailers, allowed);
    Http2Headers to = new DefaultHttp2Headers(false, allowed.size());
    copy(allowed, to);
    return to;
  }

  private static void copy(HttpHeaders from, Http2Headers to) {
    Iterator<Map.Entry<CharSequence, CharSequence>> fields = from.iteratorCharSequence();
    while (fields.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = fields.next();
      AsciiString name = Http2Names.of(field.getKey());
      if (name != null) {
        to.add(name, field.getValue());
      }
    }
  }
}
