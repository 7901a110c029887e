// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

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
  private final DoorReferences doors = new DoorReferences();
  private final Map<ResourceKey, KindWatch> watches = new HashMap<>();
  private final List<KindWatch> fresh = new ArrayList<>();

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

  /** Takes in a change of what names them. */
  void update(ResourceChanges changes) {
    if (!doors.update(changes) && !watches.isEmpty()) {
      return;
    }
    Set<ResourceKey> wanted = new HashSet<>(configuration);
    wanted.addAll(doors.all());
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
    KindWatch watch = KindWatch.startOne(client, kind, store, pause, key);
    fresh.add(watch);
    return watch;
  }

  /**
   * Waits until what is named since the last call was read, or it is known why not: a front door
   * that is told of its Gateway without its certificates would take them for gone, and so a
   * waypoint whom its policies ask.
   */
  void awaitFresh(long seconds) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    try {
      for (KindWatch watch : fresh) {
        watch.heard().get(Math.max(end - System.nanoTime(), 1), TimeUnit.NANOSECONDS);
      }
    } catch (TimeoutException e) {
      // What it says is told when it comes.
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      fresh.clear();
    }
  }

  @Override
  public void close() {
    watches.values().forEach(KindWatch::close);
  }
}
