// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.policy.resource.ObjectReading;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes each object of one kind as it comes, on the informer's thread, so that a big list is never
 * in memory as a whole. Only names and versions are kept: what an informer needs to tell, after a
 * new list, what is gone.
 */
final class KindStore implements ItemStore<GenericKubernetesResource> {
  private final ResourceKind kind;
  private final ResourceInbox inbox;
  private final Sightings sightings;
  private final Map<String, String> versions = new ConcurrentHashMap<>();
  private volatile @Nullable ServedKind served;

  KindStore(ResourceKind kind, ResourceInbox inbox, Sightings sightings) {
    this.kind = kind;
    this.inbox = inbox;
    this.sightings = sightings;
  }

  /** Which version the objects that come are of: items of a list do not say what they are. */
  void serves(ServedKind now) {
    served = now;
  }

  @Override
  public String getKey(GenericKubernetesResource object) {
    String namespace = object.getMetadata().getNamespace();
    String name = object.getMetadata().getName();
    return namespace == null ? name : namespace + "/" + name;
  }

  @Override
  public @Nullable GenericKubernetesResource put(String key, GenericKubernetesResource object) {
    String version = String.valueOf(object.getMetadata().getResourceVersion());
    String before = versions.put(key, version);
    if (!version.equals(before)) {
      ServedKind now = Objects.requireNonNull(served);
      object.setKind(kind.name());
      object.setApiVersion(now.apiVersion());
      sightings.seen(kind, now.context(), object);
      String origin = origin(key);
      inbox.put(kind, origin, resourceKey(key), ObjectReading.of(origin, ObjectTree.of(object)));
    }
    return skeleton(key, before);
  }

  @Override
  public @Nullable GenericKubernetesResource remove(String key) {
    String before = versions.remove(key);
    if (before != null) {
      sightings.gone(kind, resourceKey(key));
      inbox.remove(kind, origin(key), resourceKey(key));
    }
    return skeleton(key, before);
  }

  /** Nothing of the kind is there any more. */
  void clear() {
    List.copyOf(versions.keySet()).forEach(this::remove);
  }

  @Override
  public Stream<String> keySet() {
    return versions.keySet().stream();
  }

  @Override
  public Stream<GenericKubernetesResource> values() {
    return versions.entrySet().stream().map(one -> skeleton(one.getKey(), one.getValue()));
  }

  @Override
  public int size() {
    return versions.size();
  }

  @Override
  public @Nullable GenericKubernetesResource get(String key) {
    return skeleton(key, versions.get(key));
  }

  @Override
  public boolean isFullState() {
    return false;
  }

  private static @Nullable GenericKubernetesResource skeleton(
      String key, @Nullable String version) {
    if (version == null) {
      return null;
    }
    int slash = key.indexOf('/');
    ObjectMeta metadata = new ObjectMeta();
    metadata.setName(key.substring(slash + 1));
    metadata.setNamespace(slash < 0 ? null : key.substring(0, slash));
    metadata.setResourceVersion(version);
    GenericKubernetesResource skeleton = new GenericKubernetesResource();
    skeleton.setMetadata(metadata);
    return skeleton;
  }

  private ResourceKey resourceKey(String key) {
    int slash = key.indexOf('/');
    return new ResourceKey(
        kind.name(), slash < 0 ? "" : key.substring(0, slash), key.substring(slash + 1));
  }

  /** Findings are kept by it: see {@link Sightings#origin}. */
  private String origin(String key) {
    return Sightings.origin(kind, resourceKey(key));
  }
}
