// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.mesh.FrontDoors;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ReferenceGrantResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Follows Secrets and ConfigMaps, each by its name: the mesh's configuration, and what front doors
 * name. No other is ever read, and one that is not named any more is forgotten. On the thread of
 * the source.
 */
final class NamedObjects implements AutoCloseable {
  private static final String SECRET = "Secret";
  private static final String CONFIG = "ConfigMap";

  /** Who may read all of a kind here is worth breaking into, or has much to read. */
  static final Set<String> KINDS = Set.of(SECRET, CONFIG);

  private final KubernetesClient client;
  private final ResourceInbox inbox;
  private final Duration pause;
  private final Set<ResourceKey> configuration;
  private final Map<ResourceKey, GatewayResource> doors = new HashMap<>();
  private final Map<ResourceKey, ReferenceGrantResource> grants = new HashMap<>();
  private final Map<ResourceKey, KindWatch> watches = new HashMap<>();

  /**
   * @param rootNamespaces where the mesh's configuration is
   * @param pause between two attempts to read what cannot be read
   */
  NamedObjects(
      KubernetesClient client, ResourceInbox inbox, List<String> rootNamespaces, Duration pause) {
    this.client = client;
    this.inbox = inbox;
    this.pause = pause;
    this.configuration =
        rootNamespaces.stream()
            .flatMap(
                namespace ->
                    ConfigMapResource.MESH_NAMES.stream()
                        .map(name -> new ResourceKey(CONFIG, namespace, name)))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Takes in a change of Gateways and grants. */
  void update(ResourceChanges changes) {
    for (ResourceKey key : changes.removed()) {
      doors.remove(key);
      grants.remove(key);
    }
    changes.put().forEach(this::put);
    Set<ResourceKey> wanted = wanted();
    for (ResourceKey key : Set.copyOf(watches.keySet())) {
      if (!wanted.contains(key)) {
        watches.remove(key).closeAndForget();
      }
    }
    for (ResourceKey key : wanted) {
      watches.computeIfAbsent(key, _ -> watch(key));
    }
  }

  /** Nobody else sees them: not who writes status and events. */
  private KindWatch watch(ResourceKey key) {
    ResourceKind kind =
        ResourceKind.all().stream()
            .filter(one -> one.name().equals(key.kind()))
            .findFirst()
            .orElseThrow();
    KindStore store = new KindStore(kind, inbox, Sightings.NONE);
    return KindWatch.startOne(client, kind, store, pause, key);
  }

  private void put(Resource resource) {
    switch (resource) {
      case GatewayResource gateway when FrontDoors.isOne(gateway) ->
          doors.put(gateway.key(), gateway);
      case GatewayResource gateway -> doors.remove(gateway.key());
      case ReferenceGrantResource grant -> grants.put(grant.key(), grant);
      default -> {
        // It names no Secrets.
      }
    }
  }

  private Set<ResourceKey> wanted() {
    Stream<ResourceKey> secrets =
        doors.values().stream()
            .flatMap(door -> FrontDoors.secrets(door, grants.values()))
            .map(ref -> new ResourceKey(SECRET, ref.namespace(), ref.name()));
    return Stream.concat(configuration.stream(), secrets).collect(Collectors.toSet());
  }

  /**
   * Waits until each was read, or it is known why not: a front door that is told of its Gateway
   * without its certificates would take them for gone, and so a waypoint whom its policies ask.
   */
  void await(long seconds) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (KindWatch watch : watches.values()) {
      try {
        watch.heard().get(Math.max(end - System.nanoTime(), 1), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  @Override
  public void close() {
    watches.values().forEach(KindWatch::close);
  }
}
