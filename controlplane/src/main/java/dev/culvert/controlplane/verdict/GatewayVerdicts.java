// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.ListenerStatus;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.ResourceKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the listeners of Gateways of ours are, and those of the ListenerSets of these. */
final class GatewayVerdicts {
  private final MeshObjects mesh;
  private final boolean stored;
  private final Parents parents;
  private final Map<ResourceKey, Map<String, Integer>> attached;
  private final Map<ResourceKey, GatewayVerdict> gateways = new HashMap<>();
  private final Map<ResourceKey, ListenerSetVerdict> sets = new HashMap<>();

  /**
   * @param routes what becomes of each, by which attached ones are counted
   * @param stored whether they are; what only others name is not read, and may be there
   */
  GatewayVerdicts(MeshObjects mesh, Map<ResourceKey, List<Attachment>> routes, boolean stored) {
    this.stored = stored;
    this.mesh = mesh;
    this.parents = new Parents(mesh);
    this.attached = attached(routes);
  }

  private static Map<ResourceKey, Map<String, Integer>> attached(
      Map<ResourceKey, List<Attachment>> routes) {
    Map<ResourceKey, Map<String, Integer>> attached = new HashMap<>();
    for (List<Attachment> attachments : routes.values()) {
      for (Attachment one : attachments) {
        Map<String, Integer> ofOwner = attached.computeIfAbsent(one.to(), _ -> new HashMap<>());
        one.listeners().forEach(listener -> ofOwner.merge(listener, 1, Integer::sum));
      }
    }
    return attached;
  }

  GatewayVerdicts judgeAll() {
    mesh.gateways().filter(Controllers::isOurs).forEach(one -> judge(one, mesh.listenerSets(one)));
    return this;
  }

  /**
   * Judges a Gateway and the sets that say that they are its.
   *
   * @param all the oldest first
   */
  GatewayVerdicts judge(GatewayResource gateway, List<ListenerSetResource> all) {
    ListenerConflicts conflicts = new ListenerConflicts();
    List<GatewayListener> everyone = everyone(gateway, all);
    TlsOverlaps overlaps = new TlsOverlaps(everyone);
    List<ListenerStatus> own = listeners(ListenerOwner.of(gateway), conflicts, overlaps);
    int accepted = 0;
    for (ListenerSetResource set : all) {
      ListenerSetVerdict verdict = verdict(ListenerOwner.of(gateway, set), conflicts, overlaps);
      sets.put(set.key(), verdict);
      accepted += verdict.accepted().holds() ? 1 : 0;
    }
    gateways.put(
        gateway.key(),
        new GatewayVerdict(Controllers.of(gateway), conditions(gateway, everyone), own, accepted));
    return this;
  }

  private List<GatewayListener> everyone(GatewayResource gateway, List<ListenerSetResource> sets) {
    return Stream.concat(
            gateway.listeners().stream(),
            sets.stream()
                .filter(set -> parents.isAllowed(ListenerOwner.of(gateway, set)))
                .flatMap(set -> set.listeners().stream()))
        .toList();
  }

  private List<Condition> conditions(GatewayResource gateway, List<GatewayListener> listeners) {
    CertificateVerdicts certificates =
        new CertificateVerdicts(mesh, ListenerOwner.of(gateway), stored);
    return Stream.concat(
            certificates.forBackends().stream(), certificates.insecure(listeners).stream())
        .toList();
  }

  Map<ResourceKey, GatewayVerdict> gateways() {
    return gateways;
  }

  Map<ResourceKey, ListenerSetVerdict> sets() {
    return sets;
  }

  private List<ListenerStatus> listeners(
      ListenerOwner owner, ListenerConflicts conflicts, TlsOverlaps overlaps) {
    return new ListenerVerdicts(
            new CertificateVerdicts(mesh, owner, stored), owner, conflicts, overlaps)
        .all(attached.getOrDefault(owner.key(), Map.of()));
  }

  private ListenerSetVerdict verdict(
      ListenerOwner owner, ListenerConflicts conflicts, TlsOverlaps overlaps) {
    ResourceKey gateway = owner.gateway().key();
    if (!parents.isAllowed(owner)) {
      return new ListenerSetVerdict(gateway, notAllowed(owner), List.of());
    }
    List<ListenerStatus> listeners = listeners(owner, conflicts, overlaps);
    return new ListenerSetVerdict(gateway, accepted(gateway, listeners), listeners);
  }

  private static Condition notAllowed(ListenerOwner owner) {
    ResourceKey gateway = owner.gateway().key();
    return Say.no(
        Say.ACCEPTED,
        "NotAllowed",
        Controllers.isWaypoint(owner.gateway())
            ? "%s is a waypoint, which takes no further listeners: name another in parentRef"
                .formatted(gateway)
            : "%s takes no listeners of namespace %s: allow them in its spec.allowedListeners, or name another in parentRef"
                .formatted(gateway, owner.namespace()));
  }

  private static Condition accepted(ResourceKey gateway, List<ListenerStatus> listeners) {
    String bad =
        listeners.stream()
            .filter(one -> !ListenerVerdicts.isGood(one))
            .map(ListenerStatus::name)
            .collect(Collectors.joining(", "));
    if (bad.isEmpty()) {
      return Say.yes(Say.ACCEPTED, "Accepted", "its listeners are %s's".formatted(gateway));
    }
    return listeners.stream().anyMatch(ListenerVerdicts::isGood)
        ? Say.yes(
            Say.ACCEPTED,
            "ListenersNotValid",
            "all but %s: see the conditions of these".formatted(bad))
        : Say.no(
            Say.ACCEPTED,
            "ListenersNotValid",
            "none of its listeners can be served: see the conditions of %s".formatted(bad));
  }
}
