// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Until when a lease surely is one's own. */
@Timeout(60)
class TenureTest {
  private final AtomicLong now = new AtomicLong();
  private final Tenure tenure =
      new Tenure(
          new LeaseLock("culvert-system", "lease", "a") {
            @Override
            public synchronized void update(KubernetesClient client, LeaderElectionRecord record) {
              after(secondsOnTheWay);
              super.update(client, record);
            }
          },
          Duration.ofSeconds(10),
          now::get);
  private long secondsOnTheWay;
  private ApiServer server;
  private KubernetesClient client;

  @BeforeEach
  void open() throws IOException {
    server = new ApiServer();
    client = server.client();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void nothingIsHeldBeforeItWasGranted() {
    assertThat(tenure.holds()).isFalse();
    now.set(-TimeUnit.DAYS.toNanos(1));
    assertThat(tenure.holds()).isFalse();
  }

  @Test
  void grantRunsOutWithoutAnybodySayingSo() {
    tenure.create(client, record("a"));
    assertThat(tenure.holds()).isTrue();
    after(10);
    assertThat(tenure.holds()).isFalse();
  }

  @Test
  void renewalCountsFromWhenItWasAskedFor() {
    tenure.create(client, record("a"));
    after(6);
    secondsOnTheWay = 3;
    tenure.update(client, known());
    after(6);
    assertThat(tenure.holds()).as("9 s after it was asked for").isTrue();
    after(1);
    assertThat(tenure.holds()).isFalse();
  }

  @Test
  void renewalThatIsRefusedProlongsNothing() {
    tenure.create(client, record("a"));
    LeaderElectionRecord known = known();
    after(9);
    server.refuse("leases", 403);
    assertThatThrownBy(() -> tenure.update(client, known))
        .isInstanceOf(KubernetesClientException.class);
    after(1);
    assertThat(tenure.holds()).isFalse();
  }

  @Test
  void whatIsGivenBackIsHeldNoMore() {
    tenure.create(client, record("a"));
    LeaderElectionRecord known = known();
    tenure.update(client, known.toBuilder().holderIdentity(null).build());
    assertThat(tenure.holds()).isFalse();
  }

  private void after(long seconds) {
    now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  private LeaderElectionRecord known() {
    return tenure.get(client);
  }

  private static LeaderElectionRecord record(String holder) {
    ZonedDateTime at = ZonedDateTime.now(ZoneOffset.UTC);
    return new LeaderElectionRecord(holder, Duration.ofSeconds(15), at, at, 0);
  }
}
