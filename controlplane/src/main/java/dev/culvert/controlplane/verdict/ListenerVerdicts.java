// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.ListenerStatus;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the listeners of a Gateway of ours are, or those of a ListenerSet of one. */
final class ListenerVerdicts {
  private static final Set<String> OF_WAYPOINTS = Set.of("HBONE");
  private static final Set<String> OF_GATEWAYS = Set.of("HTTP", "HTTPS", "TLS", "TCP");

  private final CertificateVerdicts certificates;
  private final ListenerOwner owner;
  private final GatewayResource gateway;
  private final ListenerConflicts conflicts;
  private final TlsOverlaps overlaps;

  /**
   * @param certificates of these
   * @param conflicts with the listeners that go before these
   * @param overlaps with any other
   */
  ListenerVerdicts(
      CertificateVerdicts certificates,
      ListenerOwner owner,
      ListenerConflicts conflicts,
      TlsOverlaps overlaps) {
    this.certificates = certificates;
    this.overlaps = overlaps;
    this.owner = owner;
    this.gateway = owner.gateway();
    this.conflicts = conflicts;
  }

  /**
   * One for each listener, as it is while the Gateway takes connections.
   *
   * @param attached how many routes are attached to a listener, by its name
   */
  List<ListenerStatus> all(Map<String, Integer> attached) {
    List<GatewayListener> served =
        owner.listeners().stream().filter(one -> unserved(one).isEmpty()).toList();
    List<ListenerStatus> all = new ArrayList<>();
    for (GatewayListener listener : owner.listeners()) {
      Condition conflicted =
          served.contains(listener)
              ? conflicts.add(owner, served, listener)
              : ListenerConflicts.none();
      Condition accepted = accepted(listener, conflicted);
      Condition resolved = resolved(listener);
      List<Condition> conditions = new ArrayList<>(List.of(accepted, conflicted, resolved));
      conditions.add(programmed(accepted.holds() && resolved.holds()));
      overlaps.of(listener).ifPresent(conditions::add);
      all.add(
          new ListenerStatus(
              listener.name(),
              RouteKinds.of(gateway, listener),
              attached.getOrDefault(listener.name(), 0),
              conditions));
    }
    return all;
  }

  /** The same while the Gateway takes no connections. */
  static List<ListenerStatus> pending(List<ListenerStatus> programmed) {
    return programmed.stream()
        .map(
            one ->
                new ListenerStatus(
                    one.name(),
                    one.kinds(),
                    one.attached(),
                    one.conditions().stream().map(ListenerVerdicts::pending).toList()))
        .toList();
  }

  /** Whether it is served once the Gateway is. */
  static boolean isGood(ListenerStatus listener) {
    return listener.conditions().stream()
        .anyMatch(one -> one.type().equals(Say.PROGRAMMED) && one.holds());
  }

  private Condition accepted(GatewayListener listener, Condition conflicted) {
    return unserved(listener)
        .or(() -> conflicted.holds() ? Optional.of(lost(conflicted)) : Optional.empty())
        .or(() -> certificates.noAuthority(listener))
        .orElseGet(
            () ->
                Say.yes(
                    Say.ACCEPTED,
                    "Accepted",
                    "protocol %s is served".formatted(listener.protocol())));
  }

  /** In the words that the conformance tests of Gateways and of ListenerSets look for. */
  private Condition lost(Condition conflicted) {
    return Say.no(
        Say.ACCEPTED, owner.set().isPresent() ? "Conflicted" : "Invalid", conflicted.message());
  }

  /** Why it could not be served, whatever others want. */
  private Optional<Condition> unserved(GatewayListener listener) {
    Set<String> served = Controllers.isWaypoint(gateway) ? OF_WAYPOINTS : OF_GATEWAYS;
    if (!served.contains(listener.protocol())) {
      return Optional.of(
          Say.no(
              Say.ACCEPTED,
              "UnsupportedProtocol",
              "protocol %s is not served by class %s: write %s"
                  .formatted(
                      listener.protocol(),
                      gateway.className(),
                      String.join(" or ", served.stream().sorted().toList()))));
    }
    return listener.protocol().equals("TLS") && listener.tls().isEmpty()
        ? Optional.of(
            Say.no(
                Say.ACCEPTED,
                "Invalid",
                "protocol TLS needs tls: write its mode Passthrough, or add tls.certificateRefs"))
        : Optional.empty();
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
    return certificates
        .problem(listener)
        .orElse(Say.yes(Say.RESOLVED_REFS, "ResolvedRefs", "what it names is there"));
  }

  private static Condition programmed(boolean good) {
    return good
        ? Say.yes(Say.PROGRAMMED, "Programmed", "it takes connections")
        : Say.no(Say.PROGRAMMED, "Invalid", "see its other conditions");
  }

  private static Condition pending(Condition programmed) {
    return programmed.type().equals(Say.PROGRAMMED) && programmed.holds()
        ? Say.no(
            Say.PROGRAMMED, "Pending", "the Gateway takes no connections yet: see its conditions")
        : programmed;
  }
}
