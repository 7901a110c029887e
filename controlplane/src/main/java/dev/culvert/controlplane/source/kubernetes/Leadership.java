// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of several replicas writes, by a Lease (coordination.k8s.io/v1). Serving needs no leader.
 * Who loses the lease, because the API server cannot be reached for as long as it lives, stops
 * writing before another may begin, and stands for election again.
 */
public final class Leadership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

  /** An API server that is well takes milliseconds. */
  private static final long RELEASE_SECONDS = 2;

  private final KubernetesClient client;
  private final Tenure tenure;
  private final LeaderElectionConfig config;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private CompletableFuture<?> term = CompletableFuture.completedFuture(null);
  private volatile boolean leading;
  private volatile boolean closed;

  /**
   * How long a lease lives, by when it must have been renewed, and how often that is tried.
   *
   * @param lease longer than {@code renewal}
   * @param renewal longer than {@code retry}
   */
  public record Terms(Duration lease, Duration renewal, Duration retry) {
    /** As Kubernetes' own controllers have it. */
    public static final Terms STANDARD =
        new Terms(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
  }

  private Leadership(KubernetesClient client, Tenure lock, Terms terms, String identity) {
    this.client = client;
    this.tenure = lock;
    this.config =
        new LeaderElectionConfigBuilder()
            .withName(identity)
            .withLock(lock)
            .withLeaseDuration(terms.lease())
            .withRenewDeadline(terms.renewal())
            .withRetryPeriod(terms.retry())
            .withReleaseOnCancel()
            .withLeaderCallbacks(new LeaderCallbacks(this::won, this::lost, this::leaderIs))
            .build();
  }

  /**
   * Stands for election until closed.
   *
   * @param namespace where the lease is
   * @param identity tells the replicas apart: the pod's name
   */
  public static Leadership seek(
      KubernetesClient client, String namespace, String lease, String identity, Terms terms) {
    Tenure tenure =
        new Tenure(new LeaseLock(namespace, lease, identity), terms.renewal(), System::nanoTime);
    Leadership leadership = new Leadership(client, tenure, terms, identity);
    leadership.stand();
    return leadership;
  }

  /** Whether this replica may write now. */
  public boolean isLeading() {
    return leading && !closed && tenure.holds();
  }

  /**
   * Gives the lease back, so that another replica need not wait for its end; an API server that
   * does not answer is not waited for.
   */
  @Override
  public void close() {
    CompletableFuture<?> last;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      last = term;
    }
    executor.execute(() -> last.cancel(true));
    executor.shutdown();
    try {
      if (!executor.awaitTermination(RELEASE_SECONDS, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void stand() {
    if (closed) {
      return;
    }
    term = new LeaderElector(client, config, executor).start();
    var _ = term.whenComplete((_, error) -> again(error));
  }

  private void again(Throwable error) {
    synchronized (this) {
      if (closed) {
        return;
      }
    }
    LOG.warn("stands for election again{}", error == null ? "" : ": " + error.getMessage());
    CompletableFuture.delayedExecutor(config.getRetryPeriod().toMillis(), TimeUnit.MILLISECONDS)
        .execute(this::stand);
  }

  private void won() {
    leading = true;
    LOG.info("{} leads: this replica writes", config.getName());
  }

  private void lost() {
    leading = false;
    LOG.info("{} leads no more", config.getName());
  }

  private void leaderIs(String identity) {
    LOG.info("the leader is {}", identity);
  }
}
