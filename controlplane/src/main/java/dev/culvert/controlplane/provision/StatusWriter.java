// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes conditions and addresses to the status of Gateways and GatewayClasses: our own conditions
 * only, and only when they change.
 */
final class StatusWriter {
  private static final String GROUP = "gateway.networking.k8s.io";
  private static final String VERSION = "v1";
  private static final ResourceDefinitionContext GATEWAYS = context("Gateway", "gateways", true);
  private static final ResourceDefinitionContext CLASSES =
      context("GatewayClass", "gatewayclasses", false);

  private final KubernetesClient client;
  private final InstantSource clock;

  StatusWriter(KubernetesClient client, InstantSource clock) {
    this.client = client;
    this.clock = clock;
  }

  /** A GatewayClass, if it is there. */
  Optional<GenericKubernetesResource> gatewayClass(String name) {
    return Optional.ofNullable(client.genericKubernetesResources(CLASSES).withName(name).get());
  }

  void accept(GenericKubernetesResource gatewayClass) {
    write(
        gatewayClass,
        CLASSES,
        List.of(
            new Verdict.Condition(
                "Accepted", true, "Accepted", "Culvert makes waypoints of this class")),
        List.of());
  }

  void write(String namespace, String name, Verdict verdict) {
    GenericKubernetesResource gateway =
        client.genericKubernetesResources(GATEWAYS).inNamespace(namespace).withName(name).get();
    if (gateway != null) {
      write(
          gateway,
          GATEWAYS,
          verdict.conditions(),
          verdict.address().isEmpty()
              ? List.of()
              : List.of(Map.of("type", "Hostname", "value", verdict.address())));
    }
  }

  private void write(
      GenericKubernetesResource object,
      ResourceDefinitionContext kind,
      List<Verdict.Condition> conditions,
      List<Map<String, Object>> addresses) {
    Map<String, Object> status = new HashMap<>();
    status.put("conditions", conditions.stream().map(one -> condition(object, one)).toList());
    if (!addresses.isEmpty()) {
      status.put("addresses", addresses);
    }
    if (says(object, status)) {
      return;
    }
    GenericKubernetesResource patch = new GenericKubernetesResource();
    patch.setApiVersion(object.getApiVersion());
    patch.setKind(object.getKind());
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withName(object.getMetadata().getName())
            .withNamespace(object.getMetadata().getNamespace())
            .withUid(object.getMetadata().getUid())
            .build());
    patch.setAdditionalProperty("status", status);
    at(kind, patch).subresource("status").patch(apply(), patch);
  }

  private Resource<GenericKubernetesResource> at(
      ResourceDefinitionContext kind, GenericKubernetesResource object) {
    var all = client.genericKubernetesResources(kind);
    return kind.isNamespaceScoped()
        ? all.inNamespace(object.getMetadata().getNamespace()).resource(object)
        : all.resource(object);
  }

  private static PatchContext apply() {
    return new PatchContext.Builder()
        .withPatchType(PatchType.SERVER_SIDE_APPLY)
        .withFieldManager(OwnedObjects.WRITER)
        .withForce(true)
        .build();
  }

  /** With the time at which it last changed, which is kept while it does not. */
  private Map<String, Object> condition(
      GenericKubernetesResource object, Verdict.Condition wanted) {
    String holds = wanted.holds() ? "True" : "False";
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    String since =
        known(object, wanted.type())
            .filter(one -> holds.equals(one.get("status")))
            .map(one -> one.get("lastTransitionTime"))
            .map(Object::toString)
            .orElse(now);
    Map<String, Object> condition = new HashMap<>();
    condition.put("type", wanted.type());
    condition.put("status", holds);
    condition.put("reason", wanted.reason());
    condition.put("message", wanted.message());
    condition.put("lastTransitionTime", since);
    Long generation = object.getMetadata().getGeneration();
    if (generation != null) {
      condition.put("observedGeneration", generation);
    }
    return condition;
  }

  @SuppressWarnings("unchecked") // a list is looked through, whatever is in it
  private static Optional<Map<String, Object>> known(
      GenericKubernetesResource object, String type) {
    return list(object, "conditions").stream()
        .filter(Map.class::isInstance)
        .map(one -> (Map<String, Object>) one)
        .filter(one -> type.equals(one.get("type")))
        .findFirst();
  }

  @SuppressWarnings("unchecked") // conditions are made above
  private static boolean says(GenericKubernetesResource object, Map<String, Object> status) {
    boolean conditions =
        ((List<Map<String, Object>>) status.get("conditions"))
            .stream()
                .allMatch(
                    wanted ->
                        known(object, (String) wanted.get("type"))
                            .filter(one -> same(one, wanted))
                            .isPresent());
    return conditions
        && list(object, "addresses").equals(status.getOrDefault("addresses", List.of()));
  }

  /** Numbers are Integer or Long, as the parser likes. */
  private static boolean same(Map<String, Object> one, Map<String, Object> other) {
    return one.keySet().equals(other.keySet())
        && one.entrySet().stream()
            .allMatch(
                entry ->
                    String.valueOf(entry.getValue())
                        .equals(String.valueOf(other.get(entry.getKey()))));
  }

  private static List<?> list(GenericKubernetesResource object, String key) {
    return object.get("status", key) instanceof List<?> list ? list : List.of();
  }

  private static ResourceDefinitionContext context(String kind, String plural, boolean namespaced) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(GROUP)
        .withVersion(VERSION)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(namespaced)
        .build();
  }
}
