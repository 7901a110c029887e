// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Target;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A template's operators that take no argument, by the names that Envoy made known. {@code POLICY},
 * the one that decided, and {@code DRY_RUN}, what those in dry-run would have done, are our own.
 */
final class Operators {
  private static final Map<String, Part> PARTS =
      Map.ofEntries(
          Map.entry("PROTOCOL", text(RequestEntry::protocol)),
          Map.entry("RESPONSE_CODE", number(RequestEntry::status)),
          Map.entry("RESPONSE_CODE_DETAILS", text(RequestEntry::details)),
          Map.entry(
              "RESPONSE_FLAGS",
              text(entry -> entry.flag() == ResponseFlag.NONE ? null : entry.flag().label())),
          Map.entry("GRPC_STATUS_NUMBER", number(RequestEntry::grpc)),
          Map.entry("BYTES_RECEIVED", number(RequestEntry::received)),
          Map.entry("BYTES_SENT", number(RequestEntry::sent)),
          Map.entry("DURATION", number(RequestEntry::millis)),
          Map.entry("ROUTE_NAME", text(entry -> route(entry.plan()))),
          Map.entry("UPSTREAM_CLUSTER", text(entry -> cluster(entry.destination()))),
          Map.entry("UPSTREAM_CLUSTER_RAW", text(entry -> cluster(entry.destination()))),
          Map.entry("UPSTREAM_HOST", text(entry -> host(entry.target()))),
          Map.entry("UPSTREAM_LOCAL_ADDRESS", text(entry -> address(entry.sentFrom()))),
          Map.entry("UPSTREAM_TRANSPORT_FAILURE_REASON", text(RequestEntry::unconnected)),
          Map.entry("CONNECTION_TERMINATION_DETAILS", text(RequestEntry::termination)),
          Map.entry("UPSTREAM_REQUEST_ATTEMPT_COUNT", number(RequestEntry::attempts)),
          Map.entry("DOWNSTREAM_REMOTE_ADDRESS", of(ClientConnection::clientText)),
          Map.entry("DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", ip(ClientConnection::client)),
          Map.entry("DOWNSTREAM_REMOTE_PORT", port(ClientConnection::client)),
          Map.entry("DOWNSTREAM_DIRECT_REMOTE_ADDRESS", address(ClientConnection::peer)),
          Map.entry("DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT", ip(ClientConnection::peer)),
          Map.entry("DOWNSTREAM_DIRECT_REMOTE_PORT", port(ClientConnection::peer)),
          Map.entry("DOWNSTREAM_LOCAL_ADDRESS", of(ClientConnection::localText)),
          Map.entry("DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", ip(ClientConnection::local)),
          Map.entry("DOWNSTREAM_LOCAL_PORT", port(ClientConnection::local)),
          Map.entry(
              "DOWNSTREAM_PEER_URI_SAN",
              of(client -> client.identity().map(SpiffeId::toString).orElse(null))),
          Map.entry("REQUESTED_SERVER_NAME", of(client -> client.serverName().orElse(null))),
          Map.entry("TRACE_ID", new Part.Text(TemplatedEntry::trace)),
          Map.entry("POLICY", text(RequestEntry::policy)),
          Map.entry("DRY_RUN", text(RequestEntry::notes)));

  private Operators() {}

  /** What an operator stands for; null when it is not known. */
  static @Nullable Part named(String name) {
    return PARTS.get(name);
  }

  static Stream<String> names() {
    return PARTS.keySet().stream();
  }

  private static Part text(Function<RequestEntry, @Nullable String> of) {
    return new Part.Text(line -> of.apply(line.request()));
  }

  private static Part number(ToLongFunction<RequestEntry> of) {
    return new Part.WholeNumber(line -> of.applyAsLong(line.request()));
  }

  private static Part of(Function<ClientConnection, @Nullable String> of) {
    return text(entry -> of.apply(entry.connection()));
  }

  private static Part address(Function<ClientConnection, InetSocketAddress> of) {
    return of(client -> NetUtil.toSocketAddressString(of.apply(client)));
  }

  private static Part ip(Function<ClientConnection, InetSocketAddress> of) {
    return of(client -> NetUtil.toAddressString(of.apply(client).getAddress()));
  }

  private static Part port(Function<ClientConnection, InetSocketAddress> of) {
    return number(entry -> of.apply(entry.connection()).getPort());
  }

  private static @Nullable String route(@Nullable RoutePlan plan) {
    return plan == null ? null : plan.name();
  }

  private static @Nullable String cluster(@Nullable Destination destination) {
    return destination == null ? null : destination.toString();
  }

  private static @Nullable String host(@Nullable Target target) {
    return target == null ? null : target.addressText();
  }

  private static @Nullable String address(@Nullable InetSocketAddress known) {
    return known == null ? null : NetUtil.toSocketAddressString(known);
  }
}
