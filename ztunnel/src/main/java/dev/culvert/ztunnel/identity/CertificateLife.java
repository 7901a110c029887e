// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.controlplane.Backoff;
import dev.culvert.ztunnel.identity.FetchQueue.Priority;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate of one identity over time: asked for, renewed at half its life, asked for again
 * after a failure, kept while it is valid. On the scheduler's thread, but for {@link #current} and
 * {@link #status}.
 */
final class CertificateLife {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateLife.class);

  /** What the certificates of a node share. */
  record Surroundings(
      Function<SpiffeId, CompletableFuture<IssuedWorkloadCertificate>> authority,
      FetchQueue queue,
      ScheduledExecutorService scheduler,
      Clock clock,
      RandomGenerator random) {}

  private final SpiffeId id;
  private final Surroundings around;
  private final Backoff backoff;
  private volatile IssuedWorkloadCertificate held;
  private volatile Throwable lastFailure;
  private volatile boolean forgotten;
  private CompletableFuture<WorkloadCertificate> asked;
  private FetchQueue.Waiting request;
  private Future<?> next;

  CertificateLife(SpiffeId id, Surroundings around) {
    this.id = id;
    this.around = around;
    this.backoff = Backoff.ofCertificate(around.random());
  }

  /** The certificate, while it is valid. */
  Optional<WorkloadCertificate> current() {
    IssuedWorkloadCertificate certificate = held;
    boolean valid =
        certificate != null && around.clock().instant().isBefore(certificate.issued().notAfter());
    return valid ? Optional.of(certificate.certificate()) : Optional.empty();
  }

  CertificateStatus status() {
    Optional<IssuedCertificate> issued = Optional.ofNullable(held).map(h -> h.issued());
    return new CertificateStatus(id, issued, Optional.ofNullable(lastFailure));
  }

  /**
   * The certificate now, or once the CA has answered. Between a failure and the next attempt, that
   * failure.
   */
  CompletableFuture<WorkloadCertificate> want(Priority priority) {
    Optional<WorkloadCertificate> current = current();
    if (current.isPresent()) {
      return CompletableFuture.completedFuture(current.get());
    }
    if (asked != null) {
      request = around.queue().hurry(request, priority);
      if (priority == Priority.CONNECTION) {
        LOG.debug("a connection waits for the certificate of {}", id);
      }
      return asked;
    }
    if (lastFailure != null) {
      return CompletableFuture.failedFuture(lastFailure);
    }
    return ask(priority);
  }

  /** No pod uses it any more. */
  void forget() {
    forgotten = true;
    held = null;
    cancelNext();
  }

  private CompletableFuture<WorkloadCertificate> ask(Priority priority) {
    CompletableFuture<WorkloadCertificate> answer = new CompletableFuture<>();
    asked = answer;
    request = around.queue().submit(priority, () -> fetch(answer));
    return answer;
  }

  private CompletableFuture<?> fetch(CompletableFuture<WorkloadCertificate> answer) {
    if (forgotten) {
      answer.completeExceptionally(
          new CertificateUnavailableException("no pod of this node is " + id, null));
      return answer.exceptionally(e -> null);
    }
    return CompletableFuture.completedFuture(id)
        .thenCompose(around.authority())
        .handleAsync((issued, error) -> settle(answer, issued, error), around.scheduler());
  }

  private Void settle(
      CompletableFuture<WorkloadCertificate> answer,
      IssuedWorkloadCertificate issued,
      Throwable error) {
    asked = null;
    if (error == null) {
      keep(issued);
      answer.complete(issued.certificate());
    } else {
      Throwable cause = error instanceof CompletionException ? error.getCause() : error;
      retryLater(cause);
      answer.completeExceptionally(cause);
    }
    return null;
  }

  private void keep(IssuedWorkloadCertificate issued) {
    if (forgotten) {
      return;
    }
    held = issued;
    lastFailure = null;
    backoff.reset();
    Instant now = around.clock().instant();
    Duration half = issued.issued().halfLife(now);
    // Spread, so that a node's pods do not renew in one burst a day.
    double spread = 0.95 + 0.1 * around.random().nextDouble();
    Duration wait = Duration.ofMillis((long) (half.toMillis() * spread));
    LOG.info(
        "certificate for {} is good until {}, renewed at {}",
        id,
        issued.issued().notAfter(),
        now.plus(wait).truncatedTo(ChronoUnit.SECONDS));
    schedule(wait);
  }

  private void retryLater(Throwable cause) {
    if (forgotten) {
      return;
    }
    lastFailure = cause;
    Duration wait = backoff.next();
    String old = current().map(c -> "; the old one is good until " + c.notAfter()).orElse("");
    LOG.warn("{}; next attempt in {} ms{}", cause.getMessage(), wait.toMillis(), old);
    schedule(wait);
  }

  private void schedule(Duration wait) {
    cancelNext();
    next = around.scheduler().schedule(this::renew, wait.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void renew() {
    if (asked == null && !forgotten) {
      var _ = ask(current().isPresent() ? Priority.RENEWAL : Priority.PREFETCH);
    }
  }

  private void cancelNext() {
    if (next != null) {
      next.cancel(false);
    }
  }
}
