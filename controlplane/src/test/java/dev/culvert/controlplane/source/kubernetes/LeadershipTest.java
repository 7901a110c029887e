// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LeadershipTest {
  private static final Leadership.Terms QUICK =
      new Leadership.Terms(Duration.ofMillis(900), Duration.ofMillis(600), Duration.ofMillis(50));

  private final List<Leadership> candidates = new ArrayList<>();
  private ApiServer server;
  private KubernetesClient client;

  @BeforeEach
  void open() throws IOException {
    server = new ApiServer();
    client = server.client();
  }

  @AfterEach
  void close() {
    server.accept("leases");
    server.release();
    candidates.forEach(Leadership::close);
    client.close();
    server.close();
  }

  @Test
  void oneOfTwoLeadsAndTheOtherFollowsWhenItGoes() {
    Leadership first = stand("a");
    awaitLeaders(first);
    Leadership second = stand("b");
    assertThat(second.isLeading()).isFalse();
    first.close();
    awaitLeaders(second);
    assertThat(first.isLeading()).isFalse();
  }

  @Test
  void leaderWithoutApiServerWritesNoMoreAndStandsAgain() {
    Leadership only = stand("a");
    awaitLeaders(only);
    server.refuse("leases", 503);
    awaitLeaders();
    assertThat(only.isLeading()).isFalse();
    server.accept("leases");
    awaitLeaders(only);
  }

  @Test
  void whoIsForbiddenTheLeaseNeverWrites() throws Exception {
    server.refuse("leases", 403);
    Leadership forbidden = stand("a");
    int before = server.requests("leases");
    server.awaitRequests("leases", before + 3);
    assertThat(forbidden.isLeading()).isFalse();
    server.accept("leases");
    awaitLeaders(forbidden);
  }

  @Test
  void leaderWithASilentApiServerWritesNoMoreLongBeforeItHears() {
    try (KubernetesClient patient = patient()) {
      Leadership only = stand("a", patient);
      awaitLeaders(only);
      server.hold();
      awaitLeaders();
      server.release();
      awaitLeaders(only);
      only.close();
    }
  }

  @Test
  void closeDoesNotWaitForASilentApiServer() throws Exception {
    try (KubernetesClient patient = patient()) {
      Leadership leader = stand("a", patient);
      awaitLeaders(leader);
      server.hold();
      server.awaitHeld();
      leader.close();
      assertThat(leader.isLeading()).isFalse();
    }
  }

  /** One that waits longer for an answer than a test may take. */
  private KubernetesClient patient() {
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(server.url())
            .withRequestTimeout((int) Duration.ofHours(1).toMillis())
            .build();
    return ApiAccess.open(config);
  }

  private Leadership stand(String identity) {
    return stand(identity, client);
  }

  private Leadership stand(String identity, KubernetesClient client) {
    Leadership candidate =
        Leadership.seek(client, "culvert-system", "controlplane", identity, QUICK);
    candidates.add(candidate);
    return candidate;
  }

  /** Waits until these lead, and sees to it that there is never more than one. */
  private void awaitLeaders(Leadership... wanted) {
    List<Leadership> leading;
    do {
      LockSupport.parkNanos(100_000);
      leading = leading();
      if (leading.size() > 1) {
        leading = leading(); // the first may have ended after it was asked
      }
      assertThat(leading).hasSizeLessThan(2);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    } while (!leading.equals(List.of(wanted)));
  }

  private List<Leadership> leading() {
    return candidates.stream().filter(Leadership::isLeading).toList();
  }
}
