// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.http.HopByHop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/** The header fields that a proxy adds for the backend, and those that it takes away. */
final class ProxyHeaders {
  private static final AsciiString FORWARDED_FOR = AsciiString.cached("x-forwarded-for");
  private static final AsciiString FORWARDED_PROTO = AsciiString.cached("x-forwarded-proto");

  /** Says who the client is by its certificate: only a proxy that saw it may. */
  private static final AsciiString CLIENT_CERT = AsciiString.cached("x-forwarded-client-cert");

  private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");

  private ProxyHeaders() {}

  static void add(Exchange exchange) {
    HttpHeaders headers = exchange.head().headers();
    String upgrade = upgrade(headers);
    boolean trailers = headers.containsValue(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true);
    HopByHop.strip(headers);
    if (upgrade != null) {
      headers.set(HttpHeaderNames.UPGRADE, upgrade);
    }
    if (trailers) {
      headers.set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
    }
    headers.remove(CLIENT_CERT);
    String peer = exchange.connection().peer().getAddress().getHostAddress();
    String before = headers.get(FORWARDED_FOR);
    headers.set(FORWARDED_FOR, before == null ? peer : before + ", " + peer);
    headers.set(FORWARDED_PROTO, exchange.connection().secure() ? "https" : "http");
  }

  /**
   * The protocol asked for: WebSocket alone is passed on, as other upgrades (h2c among them) would
   * lead past every rule of this proxy.
   */
  private static String upgrade(HttpHeaders headers) {
    boolean asked =
        headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
    String protocol = asked ? headers.get(HttpHeaderNames.UPGRADE) : null;
    return protocol != null && WEBSOCKET.contentEqualsIgnoreCase(protocol) ? protocol : null;
  }
}
