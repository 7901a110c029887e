// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import dev.culvert.ztunnel.json.JsonText;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.OpenConnection;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.zds.PodRegistry;
import io.netty.util.NetUtil;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The pods of this node with their open connections, with the names that istioctl reads. */
final class DumpedPods {
  /** Whose connection it is, and on which side of it. */
  private record Side(String namespace, String name, Direction direction) {}

  private final Map<Side, List<OpenConnection>> connections;

  DumpedPods(Collection<OpenConnection> open) {
    connections =
        open.stream()
            .filter(one -> side(one.info()) != null)
            .collect(Collectors.groupingBy(one -> Objects.requireNonNull(side(one.info()))));
  }

  void write(JsonText json, PodRegistry.Known pod) {
    json.text("state", pod.up() ? "Up" : "Pending")
        .object(
            "connections",
            all ->
                all.objects("inbound", of(pod, Direction.INBOUND), DumpedPods::inbound)
                    .objects("outbound", of(pod, Direction.OUTBOUND), DumpedPods::outbound))
        .object(
            "info",
            info ->
                info.text("name", pod.name())
                    .text("namespace", pod.namespace())
                    .text("trustDomain", pod.trustDomain().name())
                    .text("serviceAccount", pod.serviceAccount()));
  }

  private static Side side(ConnectionInfo info) {
    boolean inbound = info.direction() == Direction.INBOUND;
    return (inbound ? info.destinationWorkload() : info.sourceWorkload())
        .map(own -> new Side(own.namespace(), own.name(), info.direction()))
        .orElse(null);
  }

  private List<OpenConnection> of(PodRegistry.Known pod, Direction direction) {
    return connections.getOrDefault(new Side(pod.namespace(), pod.name(), direction), List.of());
  }

  private static void inbound(JsonText json, OpenConnection one) {
    json.text("src", NetUtil.toSocketAddressString(one.info().source()));
    // Istio knows the service that the client named, not the address.
    one.info()
        .service()
        .map(Service::hostname)
        .ifPresentOrElse(host -> json.text("originalDst", host), () -> json.nothing("originalDst"));
    json.text("actualDst", NetUtil.toSocketAddressString(one.info().destination()));
    state(json, one);
  }

  private static void outbound(JsonText json, OpenConnection one) {
    ConnectionInfo info = one.info();
    json.text("src", NetUtil.toSocketAddressString(info.source()))
        .text("originalDst", NetUtil.toSocketAddressString(info.asked()))
        .text(
            "actualDst",
            NetUtil.toSocketAddressString(info.hboneAddress().orElse(info.destination())));
    state(json, one);
  }

  /** What istioctl does not read, but people do. */
  private static void state(JsonText json, OpenConnection one) {
    json.text("protocol", one.info().security() == Security.MUTUAL_TLS ? "HBONE" : "TCP")
        .text("security", one.info().security().name())
        .number("bytesSent", one.sent())
        .number("bytesReceived", one.received());
    one.tls()
        .ifPresent(
            tls -> {
              json.text("tlsCipher", tls.cipher());
              tls.group().ifPresent(group -> json.text("tlsGroup", group));
            });
  }
}
