// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import dev.culvert.ztunnel.json.JsonText;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.RoutingPreference;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.WeightedWaypoint;
import dev.culvert.ztunnel.xds.Workload;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One service, with the names that istioctl reads.
 *
 * @param mesh tells its endpoints
 */
record DumpedService(MeshStore mesh, DumpedAddresses networks) {

  void write(JsonText json, Service service) {
    json.text("name", service.name())
        .text("namespace", service.namespace())
        .text("hostname", service.hostname())
        .texts("vips", service.vips().stream().map(networks::vip).toList())
        .object("ports", ports -> ports(ports, service.ports()))
        .object("endpoints", endpoints -> endpoints(endpoints, service))
        .texts("subjectAltNames", service.subjectAltNames());
    service.waypoint().ifPresent(waypoint -> networks.gateway(json, "waypoint", waypoint));
    json.objects("weightedWaypoints", service.weightedWaypoints(), this::weighted);
    json.object("loadBalancer", balancer -> balancer(balancer, service));
    families(service.families()).ifPresent(families -> json.text("ipFamilies", families));
  }

  private static Optional<String> families(Service.Families families) {
    return switch (families) {
      case ANY -> Optional.empty();
      case IPV4_ONLY -> Optional.of("IPv4");
      case IPV6_ONLY -> Optional.of("IPv6");
      case DUAL -> Optional.of("Dual");
    };
  }

  private void weighted(JsonText json, WeightedWaypoint one) {
    networks.gateway(json, "destination", one.destination());
    json.number("weight", one.weight());
  }

  private static void ports(JsonText json, List<ServicePort> ports) {
    ports.forEach(port -> json.number(Integer.toString(port.servicePort()), port.targetPort()));
  }

  private void endpoints(JsonText json, Service service) {
    mesh.endpoints(service).all().stream()
        .sorted(Comparator.comparing(Workload::uid))
        .forEach(workload -> json.object(workload.uid(), e -> endpoint(e, service, workload)));
  }

  private static void endpoint(JsonText json, Service service, Workload workload) {
    List<ServicePort> ports = workload.services().getOrDefault(service.key(), List.of());
    json.text("workloadUid", workload.uid())
        .text("service", service.key())
        .object("port", all -> ports(all, ports))
        .text("status", workload.healthy() ? "Healthy" : "Unhealthy")
        .number("capacity", workload.capacity());
  }

  private static void balancer(JsonText json, Service service) {
    RoutingPreference preference = service.preference();
    json.texts("routingPreferences", preference.scopes().stream().map(DumpedService::word).toList())
        .text(
            "mode",
            switch (preference.mode()) {
              case STRICT -> "Strict";
              case FAILOVER -> "Failover";
              case PASSTHROUGH -> "Passthrough";
              case UNSPECIFIED_MODE, UNRECOGNIZED -> "Standard";
            })
        .text("healthPolicy", service.takesUnready() ? "AllowAll" : "OnlyHealthy");
  }

  /** {@code ONE_WORD} as {@code OneWord}. */
  static String word(Enum<?> constant) {
    return Arrays.stream(constant.name().split("_"))
        .map(part -> part.charAt(0) + part.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }
}
