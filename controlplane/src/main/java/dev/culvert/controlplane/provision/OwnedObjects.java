// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.policy.resource.GatewayResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a Gateway in the cluster: brought to what is wanted by server-side apply, removed
 * when nobody wants them any more. What is of somebody else is never touched.
 */
final class OwnedObjects {
  static final String WRITER = "culvert-waypoints";

  private final KubernetesClient client;

  /** By the uid of the Gateway. */
  private final Map<String, Map<ManagedKind, Applied>> applied = new HashMap<>();

  /** What was written, and the version of the object after it: nobody wrote while it is that. */
  private record Applied(String wanted, String version) {}

  OwnedObjects(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Makes everything that is wanted, if no name is taken.
   *
   * @throws ForeignObjectException when one is; nothing was written then
   */
  void apply(GatewayResource gateway, Map<ManagedKind, GenericKubernetesResource> wanted)
      throws ForeignObjectException {
    Map<ManagedKind, GenericKubernetesResource> there = new EnumMap<>(ManagedKind.class);
    for (ManagedKind kind : ManagedKind.values()) {
      find(gateway, kind).ifPresent(object -> there.put(kind, object));
    }
    for (ManagedKind kind : wanted.keySet()) {
      GenericKubernetesResource known = there.get(kind);
      if (known != null && !Marks.isOf(known, gateway)) {
        throw new ForeignObjectException(kind.text(known.getMetadata().getName()));
      }
    }
    Map<ManagedKind, Applied> before =
        applied.computeIfAbsent(gateway.metadata().uid(), _ -> new EnumMap<>(ManagedKind.class));
    wanted.forEach((kind, object) -> apply(kind, object, there.get(kind), before));
    there.forEach(
        (kind, object) -> {
          if (!wanted.containsKey(kind)) {
            remove(gateway, kind, object);
          }
        });
  }

  /** Removes what was made for a Gateway that is none of ours any more. */
  void removeAll(GatewayResource gateway) {
    for (ManagedKind kind : ManagedKind.values()) {
      find(gateway, kind).ifPresent(object -> remove(gateway, kind, object));
    }
  }

  /** Forgets what was written for other Gateways than these, by their uids. */
  void retain(Set<String> gateways) {
    applied.keySet().retainAll(gateways);
  }

  /** Its Service, as the API server has it now. */
  Optional<GenericKubernetesResource> service(GatewayResource gateway) {
    return find(gateway, ManagedKind.SERVICE);
  }

  /** How many replicas take connections. */
  int available(GatewayResource gateway) {
    return find(gateway, ManagedKind.DEPLOYMENT)
        .map(deployment -> deployment.<Number>get("status", "availableReplicas"))
        .map(Number::intValue)
        .orElse(0);
  }

  private Optional<GenericKubernetesResource> find(GatewayResource gateway, ManagedKind kind) {
    String name = kind.nameFor(gateway.metadata().name());
    return Optional.ofNullable(kind.at(client, gateway.metadata().namespace(), name).get());
  }

  /**
   * Of what is ours we have the last word. What is new is not forced, and with the uid of what is
   * there another object of the name is refused (409, 422): nobody's is taken that came in between.
   */
  private void apply(
      ManagedKind kind,
      GenericKubernetesResource object,
      @Nullable GenericKubernetesResource there,
      Map<ManagedKind, Applied> before) {
    String wanted = Serialization.asJson(object);
    if (there != null
        && new Applied(wanted, there.getMetadata().getResourceVersion()).equals(before.get(kind))) {
      return;
    }
    if (there != null) {
      object.getMetadata().setUid(there.getMetadata().getUid());
    }
    var target = kind.at(client, object).fieldManager(WRITER);
    GenericKubernetesResource now =
        there == null ? target.serverSideApply() : target.forceConflicts().serverSideApply();
    before.put(kind, new Applied(wanted, now.getMetadata().getResourceVersion()));
  }

  private void remove(GatewayResource gateway, ManagedKind kind, GenericKubernetesResource object) {
    if (Marks.isOf(object, gateway)) {
      kind.at(client, gateway.metadata().namespace(), object.getMetadata().getName()).delete();
    }
  }
}
