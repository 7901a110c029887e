// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.faults;

import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.source.kubernetes.KubernetesSource;
import dev.culvert.controlplane.source.kubernetes.Sightings;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** An API server, a client of it, and whether this replica leads. */
final class Cluster implements AutoCloseable {
  static final String SYSTEM = "culvert-system";
  static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"), "Kubernetes", "", "cluster.local", List.of(SYSTEM));

  private final ApiServer server = new ApiServer();
  private final KubernetesClient client = server.client();
  private final Deque<Runnable> parts = new ArrayDeque<>();
  private volatile boolean leads = true;

  Cluster() throws IOException {
    server.install("gateway.networking.k8s.io/v1", "gateways");
    server.install("gateway.networking.k8s.io/v1", "gatewayclasses");
    server.install("policy.culvert.dev/v1alpha1", "authorizationpolicies");
  }

  ApiServer server() {
    return server;
  }

  KubernetesClient client() {
    return client;
  }

  boolean leads() {
    return leads;
  }

  void lead(boolean now) {
    leads = now;
  }

  /** It ends before all that are there already. */
  void ends(Runnable part) {
    parts.addFirst(part);
  }

  /** Follows what is there. */
  void follow(Consumer<ResourceChanges> listener, Sightings sightings) throws InterruptedException {
    KubernetesSource source =
        KubernetesSource.start(
            client,
            new KubernetesSource.Pace(Duration.ofMillis(1), Duration.ofMillis(20)),
            List.of(SYSTEM),
            listener,
            sightings);
    ends(source::close);
  }

  /** Does it again and again, as housekeeping does; what goes wrong is tried again. */
  void repeat(Runnable chore) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    attempt(chore);
                  }
                });
    ends(
        () -> {
          thread.interrupt();
          join(thread);
        });
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void attempt(Runnable chore) {
    try {
      chore.run();
    } catch (RuntimeException expected) {
      // The server is told to be unwell.
    }
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    parts.forEach(Runnable::run);
    client.close();
    server.close();
  }
}
