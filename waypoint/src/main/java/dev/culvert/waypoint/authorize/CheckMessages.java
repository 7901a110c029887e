// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import com.google.protobuf.util.Timestamps;
import dev.culvert.policy.wire.authz.Address;
import dev.culvert.policy.wire.authz.AttributeContext;
import dev.culvert.policy.wire.authz.CheckRequest;
import dev.culvert.policy.wire.authz.SocketAddress;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.exchange.Exchange;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.util.Map;

/** Requests as a provider is told of them by gRPC. */
final class CheckMessages {
  private CheckMessages() {}

  /**
   * The question whether a request may go on.
   *
   * @param raw whether its body is told as bytes
   * @param asked names of the fields that are told; none for all
   */
  static CheckRequest of(Exchange exchange, Provider.Told body, boolean raw, FieldNames asked) {
    ClientConnection connection = exchange.connection();
    AttributeContext.Peer.Builder source = peer(connection.client());
    connection.identity().ifPresent(id -> source.setPrincipal(id.toString()));
    AttributeContext.Builder context =
        AttributeContext.newBuilder()
            .setSource(source)
            .setDestination(peer(connection.asked()))
            .setRequest(
                AttributeContext.Request.newBuilder()
                    .setTime(Timestamps.fromMillis(System.currentTimeMillis()))
                    .setHttp(http(exchange, body, raw, asked)));
    connection
        .serverName()
        .ifPresent(
            name -> context.setTlsSession(AttributeContext.TLSSession.newBuilder().setSni(name)));
    return CheckRequest.newBuilder().setAttributes(context).build();
  }

  private static AttributeContext.Peer.Builder peer(InetSocketAddress address) {
    return AttributeContext.Peer.newBuilder()
        .setAddress(
            Address.newBuilder()
                .setSocketAddress(
                    SocketAddress.newBuilder()
                        .setAddress(address.getAddress().getHostAddress())
                        .setPortValue(address.getPort())));
  }

  private static AttributeContext.HttpRequest http(
      Exchange exchange, Provider.Told body, boolean raw, FieldNames asked) {
    Map<String, String> fields = AskedFields.of(exchange, body);
    fields.keySet().removeIf(name -> !asked.isEmpty() && !asked.take(name));
    HttpHeaders headers = exchange.head().headers();
    AttributeContext.HttpRequest.Builder http =
        AttributeContext.HttpRequest.newBuilder()
            .setId(headers.get("x-request-id", ""))
            .setMethod(exchange.account().method())
            .putAllHeaders(fields)
            .setPath(exchange.head().uri())
            .setHost(headers.get(HttpHeaderNames.HOST, ""))
            .setScheme(exchange.connection().secure() ? "https" : "http")
            .setSize(size(exchange))
            .setProtocol(exchange.account().protocol());
    if (raw) {
      http.setRawBody(body.bytes());
    } else {
      http.setBody(body.bytes().toStringUtf8());
    }
    return http.build();
  }

  private static long size(Exchange exchange) {
    String length = exchange.head().headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (length != null) {
      return Long.parseLong(length);
    }
    return exchange.isBodyless() ? 0 : -1;
  }
}
