// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(value = "dev.culvert.cli.lab.LabTest#isRoot", disabledReason = "namespaces need root")
class LabAppsTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private Lab lab;
  private LabPod client;
  private LabPod server;
  private LabProcess apps;

  @BeforeEach
  void twoPodsWithoutAMesh() throws IOException {
    lab = Lab.create("apps-" + ProcessHandle.current().pid());
    client = lab.addPod(lab.addNode("node1"), pod("client"));
    server = lab.addPod(lab.addNode("node2"), pod("server"));
    apps = LabApps.start(lab, List.of(server));
  }

  @AfterEach
  void down() {
    lab.close();
  }

  @Test
  void webTellsTheClientItSees() throws IOException {
    CommandResult result =
        lab.run(
            client.place(),
            List.of("curl", "-s", "-d", "hello", "http://" + server.ip4() + ":8080/a"));
    assertThat(result.out())
        .isEqualTo(
            "{\"pod\":\"server\",\"client\":\"%s\",\"path\":\"/a\",\"sent\":\"hello\",\"traceparent\":\"\"}"
                .formatted(client.ip4()));
  }

  @Test
  void transferVerifiesEveryByte() throws IOException {
    LabProcess transfer =
        LabClient.start(lab, client, LabClient.Mode.TRANSFER, server.ip6(), LabApps.ECHO_PORT);
    transfer.awaitLine("moved ", SOON);
    transfer.endInput();
    String done = transfer.awaitLine("done ", SOON);
    assertThat(LabClient.number(done, "verified")).isEqualTo(LabClient.number(done, "sent"));
    assertThat(LabClient.number(done, "wrong")).isZero();
  }

  @Test
  void heldConnectionTellsBothNamesAndItsEnd() throws IOException {
    LabProcess hold =
        LabClient.start(lab, client, LabClient.Mode.HOLD, server.ip4(), LabApps.ECHO_PORT);
    assertThat(hold.awaitLine("open ", SOON))
        .contains("local=" + client.ip4())
        .endsWith("peer=" + server.ip4() + ":9000");
    hold.awaitLine("echoed", SOON);
    apps.kill();
    assertThat(hold.awaitLine("closed ", SOON)).contains("at=");
  }

  @Test
  void roundTripsAreMeasured() throws IOException {
    LabProcess rtt =
        LabClient.start(lab, client, LabClient.Mode.RTT, server.ip4(), LabApps.ECHO_PORT);
    String line = rtt.awaitLine("rtt ", SOON);
    assertThat(LabClient.number(line, "p50")).isPositive();
    assertThat(LabClient.number(line, "p99")).isGreaterThanOrEqualTo(LabClient.number(line, "p50"));
  }

  private static LabPodSpec pod(String name) {
    return new LabPodSpec("shop", name, name, Map.of());
  }
}
