// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.mesh.FrontDoors;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ReferenceGrantResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Follows the Secrets that front doors name, each by its name: no other is ever read, and one that
 * is not named any more is forgotten. On the thread of the source.
 */
final class DoorSecrets implements AutoCloseable {
  private static final String SECRET = "Secret";

  private final KubernetesClient client;
  private final ResourceInbox inbox;
  private final Duration pause;
  private final ResourceKind kind;
  private final Map<ResourceKey, GatewayResource> doors = new HashMap<>();
  private final Map<ResourceKey, ReferenceGrantResource> grants = new HashMap<>();
  private final Map<ResourceKey, KindWatch> watches = new HashMap<>();

  /**
   * @param pause between two attempts to read what cannot be read
   */
  DoorSecrets(KubernetesClient client, ResourceInbox inbox, Duration pause) {
    this.client = client;
    this.inbox = inbox;
    this.pause = pause;
    this.kind =
        ResourceKind.all().stream()
            .filter(one -> one.name().equals(SECRET))
            .findFirst()
            .orElseThrow();
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
    return doors.values().stream()
        .flatMap(door -> FrontDoors.secrets(door, grants.values()))
        .map(ref -> new ResourceKey(SECRET, ref.namespace(), ref.name()))
        .collect(Collectors.toSet());
  }

  /**
   * Waits until each was read, or it is known why not: a front door that is told of its Gateway
   * without its certificates would take them for gone.
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
