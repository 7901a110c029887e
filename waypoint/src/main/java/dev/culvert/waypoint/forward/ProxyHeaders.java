// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.http.HopByHop;
import dev.culvert.waypoint.http.LookAlikes;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/** The header fields that a proxy adds for the backend, and those that it takes away. */
final class ProxyHeaders {
  private static final AsciiString FORWARDED_FOR = AsciiString.cached("x-forwarded-for");
  private static final AsciiString FORWARDED = AsciiString.cached("forwarded");
  private static final AsciiString FORWARDED_PROTO = AsciiString.cached("x-forwarded-proto");

  /**
   * What apps take as a proxy's word on where a client is and what it asked for. One that proved
   * nothing is no such proxy; a gateway of the mesh may be.
   */
  private static final AsciiString[] WORD_OF_PROXIES = {
    AsciiString.cached("x-envoy-internal"),
    AsciiString.cached("x-envoy-external-address"),
    AsciiString.cached("x-envoy-original-path"),
    AsciiString.cached("x-envoy-peer-metadata"),
    AsciiString.cached("x-envoy-peer-metadata-id")
  };

  /** What says who or where the client is: nothing of a client's may be taken for it. */
  private static final LookAlikes LOOK_ALIKES =
      new LookAlikes(
          List.of(
              "x-forwarded-for",
              "x-forwarded-proto",
              "x-forwarded-client-cert",
              "x-envoy-internal",
              "x-envoy-external-address",
              "x-envoy-original-path",
              "x-envoy-peer-metadata",
              "x-envoy-peer-metadata-id"));

  private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");

  private ProxyHeaders() {}

  static void add(Exchange exchange, ClientCert clientCert, boolean proxiesAsk) {
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
    clientCert.write(exchange.connection().identity(), headers);
    if (!proxiesAsk || exchange.connection().identity().isEmpty()) {
      for (AsciiString name : WORD_OF_PROXIES) {
        headers.remove(name);
      }
    }
    LOOK_ALIKES.strip(headers);
    String proto = exchange.connection().secure() ? "https" : "http";
    headers.set(FORWARDED_FOR, path(headers, exchange.connection().clientHost()));
    headers.set(FORWARDED_PROTO, proto);
    if (headers.contains(FORWARDED)) {
      headers.add(FORWARDED, element(exchange.connection().client().getAddress(), proto));
    }
  }

  /**
   * Whoever reads the standard's field in place of the usual ones must find the client there too,
   * behind what it says itself (RFC 7239, section 4). It is not begun here: few ask for it.
   */
  private static String element(InetAddress client, String proto) {
    String address = client.getHostAddress();
    String node = client instanceof Inet6Address ? "\"[%s]\"".formatted(address) : address;
    return "for=%s;proto=%s".formatted(node, proto);
  }

  /** Each address that was told so far, in whichever field, and the peer's. */
  private static String path(HttpHeaders headers, String peer) {
    return headers.contains(FORWARDED_FOR)
        ? String.join(", ", headers.getAll(FORWARDED_FOR)) + ", " + peer
        : peer;
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
