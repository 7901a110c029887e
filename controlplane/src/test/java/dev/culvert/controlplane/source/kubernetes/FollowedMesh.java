// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceNotice;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** An API server, a source that follows it, and what it has told. */
final class FollowedMesh implements AutoCloseable {
  private static final KubernetesSource.Pace QUICK =
      new KubernetesSource.Pace(Duration.ofMillis(1), Duration.ofMillis(20));

  private final Map<ResourceKey, Resource> known = new HashMap<>();
  private final ApiServer server = new ApiServer();
  private final KubernetesClient client = server.client();
  private List<ResourceError> errors = List.of();
  private List<ResourceNotice> notices = List.of();
  private int batches;
  private Set<ResourceKey> withDoor = Set.of();
  private KubernetesSource source;

  /** Nothing is followed yet. */
  FollowedMesh() throws IOException {}

  ApiServer server() {
    return server;
  }

  KubernetesSource source() {
    return source;
  }

  void start() throws InterruptedException {
    start(this::take);
  }

  /** The same, told to somebody else. */
  void start(Consumer<ResourceChanges> listener) throws InterruptedException {
    source = KubernetesSource.start(client, QUICK, List.of("culvert-system"), listener);
  }

  CompletableFuture<Void> startLater() {
    return CompletableFuture.runAsync(
        () -> {
          try {
            start();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private synchronized void take(ResourceChanges changes) {
    changes.removed().forEach(known::remove);
    changes.put().forEach(resource -> known.put(resource.key(), resource));
    if (changes.put().stream().anyMatch(GatewayResource.class::isInstance)) {
      withDoor = Set.copyOf(known.keySet());
    }
    errors = changes.errors();
    notices = changes.notices();
    batches++;
    notifyAll();
  }

  synchronized Map<ResourceKey, Resource> known() {
    return Map.copyOf(known);
  }

  synchronized List<ResourceError> errors() {
    return errors;
  }

  synchronized List<ResourceNotice> notices() {
    return notices;
  }

  /** What was known when a Gateway was told of last. */
  synchronized Set<ResourceKey> withDoor() {
    return withDoor;
  }

  synchronized void await(Predicate<Map<ResourceKey, Resource>> condition)
      throws InterruptedException {
    while (!condition.test(known)) {
      wait();
    }
  }

  synchronized int batches() {
    return batches;
  }

  synchronized void awaitErrors(int count) throws InterruptedException {
    while (errors.size() != count) {
      wait();
    }
  }

  static String pod(String name, String ip) {
    return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: shop, labels: {app: web}}
        spec: {nodeName: node-1, containers: [{name: app, image: app, ports: [{containerPort: 80}]}]}
        status: {phase: Running, podIP: %s, conditions: [{type: Ready, status: "True"}]}
        """
        .formatted(name, ip);
  }

  static ResourceKey key(String pod) {
    return new ResourceKey("Pod", "shop", pod);
  }

  static String ip(Map<ResourceKey, Resource> now, String pod) {
    return ((PodResource) now.get(key(pod))).podIps().getFirst().getHostAddress();
  }

  @Override
  public void close() {
    if (source != null) {
      source.close();
    }
    client.close();
    server.close();
  }
}
