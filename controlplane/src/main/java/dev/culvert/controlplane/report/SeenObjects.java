// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import dev.culvert.controlplane.source.kubernetes.Sightings;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The objects whose status is ours to write, as the API server has them. Thread-safe. */
final class SeenObjects implements Sightings {
  private static final Set<String> KINDS =
      Set.of(
          "Service",
          "ServiceEntry",
          "Gateway",
          "HTTPRoute",
          "GRPCRoute",
          "TLSRoute",
          "TCPRoute",
          "ListenerSet",
          "AuthorizationPolicy",
          "PeerAuthentication",
          "RequestAuthentication",
          "TrafficPolicy",
          "BackendTLSPolicy");

  private final Map<ResourceKind, Map<ResourceKey, SeenObject>> objects = new ConcurrentHashMap<>();
  private final Runnable news;

  /**
   * @param news is told that something is another than before
   */
  SeenObjects(Runnable news) {
    this.news = news;
  }

  @Override
  public void seen(
      ResourceKind kind, ResourceDefinitionContext served, GenericKubernetesResource object) {
    if (!KINDS.contains(kind.name())) {
      return;
    }
    String namespace = object.getMetadata().getNamespace();
    ResourceKey key =
        new ResourceKey(
            kind.name(), namespace == null ? "" : namespace, object.getMetadata().getName());
    of(kind).put(key, SeenObject.of(kind, key, served, object));
    news.run();
  }

  @Override
  public void gone(ResourceKind kind, ResourceKey key) {
    if (KINDS.contains(kind.name())) {
      of(kind).remove(key);
    }
  }

  /** All, in no order. */
  Stream<SeenObject> all() {
    return objects.values().stream().flatMap(each -> each.values().stream());
  }

  /** One of a kind that is in one group only. */
  Optional<SeenObject> find(ResourceKey key) {
    return List.copyOf(objects.keySet()).stream()
        .filter(kind -> kind.name().equals(key.kind()))
        .flatMap(kind -> Optional.ofNullable(of(kind).get(key)).stream())
        .findFirst();
  }

  /** Whether an object of the same name goes before it: one of our own group. */
  boolean isOverridden(SeenObject object) {
    return List.copyOf(objects.keySet()).stream()
        .filter(
            kind -> kind.name().equals(object.kind().name()) && kind.rank() < object.kind().rank())
        .anyMatch(kind -> of(kind).containsKey(object.key()));
  }

  private Map<ResourceKey, SeenObject> of(ResourceKind kind) {
    return objects.computeIfAbsent(kind, _ -> new ConcurrentHashMap<>());
  }
}
