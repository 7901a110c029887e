// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.ListenerStatus;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerTls;
import dev.culvert.policy.resource.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the listeners of a Gateway of ours are. */
final class ListenerVerdicts {
  private static final String GATEWAY_API = "gateway.networking.k8s.io";
  private static final Set<String> OF_WAYPOINTS = Set.of("HBONE");
  private static final Set<String> OF_GATEWAYS = Set.of("HTTP", "HTTPS", "TLS", "TCP");

  private final MeshObjects mesh;
  private final GatewayResource gateway;

  ListenerVerdicts(MeshObjects mesh, GatewayResource gateway) {
    this.mesh = mesh;
    this.gateway = gateway;
  }

  /**
   * One for each listener.
   *
   * @param attached how many routes are attached to a listener, by its name
   * @param programmed whether the Gateway takes connections
   */
  List<ListenerStatus> all(Map<String, Integer> attached, boolean programmed) {
    List<ListenerStatus> all = new ArrayList<>();
    for (int i = 0; i < gateway.listeners().size(); i++) {
      GatewayListener listener = gateway.listeners().get(i);
      Condition accepted = accepted(listener);
      Condition conflicted = conflicted(listener, gateway.listeners().subList(0, i));
      Condition resolved = resolved(listener);
      boolean good = accepted.holds() && !conflicted.holds() && resolved.holds();
      all.add(
          new ListenerStatus(
              listener.name(),
              RouteKinds.of(gateway, listener),
              attached.getOrDefault(listener.name(), 0),
              List.of(accepted, conflicted, resolved, programmed(good, programmed))));
    }
    return all;
  }

  private Condition accepted(GatewayListener listener) {
    Set<String> served = Controllers.isWaypoint(gateway) ? OF_WAYPOINTS : OF_GATEWAYS;
    return served.contains(listener.protocol())
        ? Say.yes(Say.ACCEPTED, "Accepted", "protocol %s is served".formatted(listener.protocol()))
        : Say.no(
            Say.ACCEPTED,
            "UnsupportedProtocol",
            "protocol %s is not served by class %s: write %s"
                .formatted(
                    listener.protocol(),
                    gateway.className(),
                    String.join(" or ", served.stream().sorted().toList())));
  }

  /** The first of a port stays, as it is what the port does already. */
  private static Condition conflicted(GatewayListener listener, List<GatewayListener> before) {
    for (GatewayListener other : before) {
      if (other.port() != listener.port()) {
        continue;
      }
      if (!other.protocol().equals(listener.protocol())) {
        return Say.yes(
            Say.CONFLICTED,
            "ProtocolConflict",
            "port %d is %s already, by listener %s: choose another port"
                .formatted(listener.port(), other.protocol(), other.name()));
      }
      if (other.hostname().equals(listener.hostname())) {
        return Say.yes(
            Say.CONFLICTED,
            "HostnameConflict",
            "listener %s has port %d and that host name already: choose others"
                .formatted(other.name(), listener.port()));
      }
    }
    return Say.no(Say.CONFLICTED, "NoConflicts", "no other listener has its port and host name");
  }

  private Condition resolved(GatewayListener listener) {
    List<String> unfit = RouteKinds.unfit(gateway, listener);
    if (!unfit.isEmpty()) {
      return Say.no(
          Say.RESOLVED_REFS,
          "InvalidRouteKinds",
          "allowedRoutes.kinds: %s cannot attach to protocol %s: remove it"
              .formatted(String.join(", ", unfit), listener.protocol()));
    }
    return listener.tls().map(ListenerTls::certificates).orElse(List.of()).stream()
        .flatMap(ref -> problem(ref).stream())
        .findFirst()
        .orElse(Say.yes(Say.RESOLVED_REFS, "ResolvedRefs", "what it names may be named"));
  }

  /** Whether the Secret is there is the Gateway's to say: we read none. */
  private Optional<Condition> problem(ObjectRef certificate) {
    if (!certificate.kind().equals("Secret") || !certificate.group().isEmpty()) {
      return Optional.of(
          Say.no(
              Say.RESOLVED_REFS,
              "InvalidCertificateRef",
              "certificateRefs: a %s holds no certificate: name a Secret"
                  .formatted(certificate.kind())));
    }
    String own = gateway.metadata().namespace();
    return mesh.permits(GATEWAY_API, "Gateway", own, certificate)
        ? Optional.empty()
        : Optional.of(
            Say.no(
                Say.RESOLVED_REFS,
                "RefNotPermitted",
                "certificateRefs: no ReferenceGrant of namespace %s lets a Gateway of %s name Secret %s"
                    .formatted(certificate.namespace(), own, certificate.name())));
  }

  private static Condition programmed(boolean good, boolean programmed) {
    if (!good) {
      return Say.no(Say.PROGRAMMED, "Invalid", "see its other conditions");
    }
    return programmed
        ? Say.yes(Say.PROGRAMMED, "Programmed", "it takes connections")
        : Say.no(
            Say.PROGRAMMED, "Pending", "the Gateway takes no connections yet: see its conditions");
  }
}
