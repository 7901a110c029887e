// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.controlplane.ControlPlane;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.identity.FetchQueue.Priority;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import javax.net.ssl.SSLException;

/** The certificates of the node's pods, from the CA over gRPC. Safe from any thread. */
public final class NodeCertificates implements WorkloadCertificates, AutoCloseable {
  private final ConcurrentMap<SpiffeId, CertificateLife> lives = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor scheduler;
  private final CertificateAuthority authority;
  private final TlsContexts contexts;
  private final MeshTrust trust;
  private final CertificateLife.Surroundings around;

  /**
   * @param lifetime asked of the CA, which may give less
   * @throws IllegalStateException when {@code engine} does not load here, or lacks what is required
   */
  public NodeCertificates(
      ControlPlane controlPlane,
      Endpoint ca,
      MeshTrust trust,
      Duration lifetime,
      TlsEngine engine,
      PostQuantum postQuantum) {
    Clock clock = Clock.systemUTC();
    this.contexts = new TlsContexts(engine, postQuantum);
    this.trust = trust;
    this.authority = new CertificateAuthority(controlPlane, ca, trust, lifetime, clock);
    this.scheduler =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("certificates").factory());
    scheduler.setRemoveOnCancelPolicy(true);
    this.around =
        new CertificateLife.Surroundings(
            this::issue, new FetchQueue(scheduler), scheduler, clock, new SecureRandom());
  }

  @Override
  public Optional<WorkloadCertificate> current(SpiffeId id) {
    CertificateLife life = lives.get(id);
    return life == null ? Optional.empty() : life.current();
  }

  @Override
  public CompletableFuture<WorkloadCertificate> get(SpiffeId id) {
    Optional<WorkloadCertificate> current = current(id);
    return current.isPresent()
        ? CompletableFuture.completedFuture(current.get())
        : want(id, Priority.CONNECTION);
  }

  @Override
  public void prefetch(SpiffeId id) {
    var _ = want(id, Priority.PREFETCH);
  }

  @Override
  public void forget(SpiffeId id) {
    scheduler.execute(
        () -> {
          CertificateLife life = lives.remove(id);
          if (life != null) {
            life.forget();
          }
        });
  }

  /** Everything held or asked for, in the order of the ids. */
  public List<CertificateStatus> status() {
    return lives.entrySet().stream()
        .sorted((a, b) -> a.getKey().toString().compareTo(b.getKey().toString()))
        .map(entry -> entry.getValue().status())
        .toList();
  }

  @Override
  public void close() {
    authority.close();
    scheduler.shutdownNow();
  }

  private CompletableFuture<WorkloadCertificate> want(SpiffeId id, Priority priority) {
    return CompletableFuture.supplyAsync(
            () -> lives.computeIfAbsent(id, i -> new CertificateLife(i, around)), scheduler)
        .thenComposeAsync(life -> life.want(priority), scheduler);
  }

  private CompletableFuture<IssuedWorkloadCertificate> issue(SpiffeId id) {
    return authority.issue(id).thenApply(this::equip);
  }

  private IssuedWorkloadCertificate equip(IssuedCertificate issued) {
    try {
      trust.learn(issued.roots().certificates());
      return new IssuedWorkloadCertificate(
          issued,
          new WorkloadCertificate(
              issued.id(),
              issued.notAfter(),
              contexts.client(issued),
              contexts.server(issued),
              issued.roots()));
    } catch (SSLException e) {
      throw new CompletionException(
          new CertificateUnavailableException(
              "the certificate for %s does not load into TLS: %s".formatted(issued.id(), e), e));
    }
  }
}
