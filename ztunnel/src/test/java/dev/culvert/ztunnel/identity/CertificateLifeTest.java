// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.identity.FetchQueue.Priority;
import dev.culvert.ztunnel.peers.TestCa;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CertificateLifeTest {
  private static final SpiffeId WEB = SpiffeId.workload(TestCertificates.DOMAIN, "shop", "web");
  private static final Instant NOW = Instant.parse("2026-11-27T07:00:00Z");
  private static final RandomGenerator LEAST = () -> 0;
  private static final RandomGenerator MIDDLE = () -> 1L << 63;
  private static final RandomGenerator MOST = () -> -1;

  private final TestCa ca = new TestCa("mesh root");
  private final Waits scheduler = new Waits();

  @AfterEach
  void stop() {
    scheduler.shutdownNow();
  }

  /** A day's certificate between 11.4 and 12.6 hours: the pods of a node spread over an hour. */
  @Test
  void renewedAboutHalfOfItsLifeButNotInStepWithOthers() throws Exception {
    Duration half = Duration.ofHours(12);

    assertThat(waitAfterAnswer(LEAST)).isEqualTo(half.multipliedBy(95).dividedBy(100));
    assertThat(waitAfterAnswer(MIDDLE)).isEqualTo(half);
    assertThat(waitAfterAnswer(MOST))
        .isGreaterThan(half.multipliedBy(104).dividedBy(100))
        .isLessThanOrEqualTo(half.multipliedBy(105).dividedBy(100));
  }

  @Test
  void failuresAreNotInStepEither() {
    assertThat(waitAfterFailure(LEAST)).isEqualTo(Duration.ofMillis(400));
    assertThat(waitAfterFailure(MIDDLE)).isEqualTo(Duration.ofMillis(500));
    assertThat(waitAfterFailure(MOST)).isBetween(Duration.ofMillis(590), Duration.ofMillis(600));
  }

  private Duration waitAfterAnswer(RandomGenerator random) throws Exception {
    CertificateLife life = life(random, id -> CompletableFuture.completedFuture(issued(id)));
    assertThat(wanted(life).get(30, TimeUnit.SECONDS).id()).isEqualTo(WEB);
    return scheduler.lastWait();
  }

  private Duration waitAfterFailure(RandomGenerator random) {
    CertificateLife life =
        life(
            random,
            id ->
                CompletableFuture.failedFuture(
                    new CertificateUnavailableException("the CA is away", null)));
    assertThatThrownBy(() -> wanted(life).get(30, TimeUnit.SECONDS))
        .hasMessageContaining("the CA is away");
    return scheduler.lastWait();
  }

  private CertificateLife life(
      RandomGenerator random,
      Function<SpiffeId, CompletableFuture<IssuedWorkloadCertificate>> authority) {
    return new CertificateLife(
        WEB,
        new CertificateLife.Surroundings(
            authority,
            new FetchQueue(scheduler),
            scheduler,
            Clock.fixed(NOW, ZoneOffset.UTC),
            random));
  }

  private CompletableFuture<WorkloadCertificate> wanted(CertificateLife life) {
    return CompletableFuture.completedFuture(Priority.CONNECTION)
        .thenComposeAsync(life::want, scheduler);
  }

  private IssuedWorkloadCertificate issued(SpiffeId id) {
    KeyPair keys = TestCa.newKeys();
    Instant until = NOW.plus(Duration.ofHours(24));
    MeshRoots roots =
        new MeshRoots(
            List.of(ca.root()), MeshTrust.only(TestCertificates.DOMAIN), Clock.systemUTC());
    IssuedCertificate issued =
        new IssuedCertificate(
            id,
            keys.getPrivate(),
            List.of(ca.workload(keys.getPublic(), NOW, until, id.toString())),
            roots);
    return new IssuedWorkloadCertificate(
        issued, new WorkloadCertificate(id, until, null, null, roots));
  }

  /** Runs what is to be run at once, and keeps how long the rest was put off. */
  private static final class Waits extends ScheduledThreadPoolExecutor {
    private final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());

    Waits() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      if (delay == 0) {
        return super.schedule(task, delay, unit);
      }
      waits.add(Duration.of(delay, unit.toChronoUnit()));
      return super.schedule(() -> {}, delay, unit);
    }

    Duration lastWait() {
      return waits.getLast();
    }
  }
}
