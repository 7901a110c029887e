// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.agent.enroll.PodStatus;
import dev.culvert.agent.peers.Await;
import dev.culvert.agent.zds.ScriptedZtunnel;
import dev.culvert.linux.MonotonicClock;
import dev.culvert.linux.bpf.BpfMap;
import dev.culvert.linux.socket.SeqpacketSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may connect without the proxy, as the agent lets the kernel know. */
@Timeout(120)
final class AgentPairsTest {
  private static final int APP = 8080;

  @TempDir private Path folder;
  private TestNode node;
  private TestPod client;
  private TestPod server;
  private ScriptedZtunnel zds;
  private PairingZtunnel ztunnel;
  private String clientUid;
  private String serverUid;

  @BeforeEach
  void open() throws Exception {
    node = new TestNode(folder);
    client = new TestPod();
    server = new TestPod();
    node.write("client.yaml", client.yaml("client"));
    node.write("server.yaml", server.yaml("server"));
    start();
    ztunnel = PairingZtunnel.hello(node.pairsSocket());
  }

  private void start() throws Exception {
    node.start();
    zds = node.ztunnel();
    zds.acknowledgeUntil("snapshot");
    node.awaitState("shop/client", "enrolled");
    node.awaitState("shop/server", "enrolled");
    clientUid = uid("shop/client");
    serverUid = uid("shop/server");
  }

  private String uid(String pod) throws Exception {
    return node.await(pods -> true).stream()
        .filter(status -> status.pod().equals(pod))
        .map(PodStatus::uid)
        .findFirst()
        .orElseThrow();
  }

  @AfterEach
  void close() throws IOException {
    ztunnel.close();
    zds.close();
    node.close();
    client.close();
    server.close();
  }

  private void grant() throws IOException {
    ztunnel.grant(clientUid, serverUid, server.address(), server.address(), APP);
  }

  private <T> T map(String name, Use<T> use) throws IOException {
    try (BpfMap map = BpfMap.openPinned(node.pins().resolve("maps").resolve(name))) {
      return use.of(map);
    }
  }

  private interface Use<T> {
    T of(BpfMap map) throws IOException;
  }

  private int pairs() throws IOException {
    return map("pairs", map -> map.keys().size());
  }

  private long only(String name) throws IOException {
    byte[] value = map(name, map -> map.lookup(new byte[4]).orElseThrow());
    return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getLong();
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    Await.until(condition, () -> "it did not come true");
  }

  /** Requests are carried out in turn: when the last one is, those before it were. */
  private void assertRefused() throws Exception {
    grant();
    await(() -> pairs() > 0);
    assertThat(pairs()).isOne();
  }

  @Test
  void grantBetweenEnrolledPodsIsWrittenForItsGeneration() throws Exception {
    grant();
    await(() -> pairs() == 1);
    byte[] value = map("pairs", map -> map.lookup(map.keys().getFirst()).orElseThrow());
    ByteBuffer granted = ByteBuffer.wrap(value).order(ByteOrder.nativeOrder());
    assertThat(granted.getLong(0)).isEqualTo(ztunnel.generation()).isNotZero();
    assertThat(granted.getInt(8)).isOne();
  }

  @Test
  void grantOfPodThatIsNotEnrolledIsRefused() throws Exception {
    ztunnel.grant("nobody", serverUid, server.address(), server.address(), APP + 1);
    ztunnel.grant(clientUid, "nobody", server.address(), server.address(), APP + 1);
    assertRefused();
  }

  @Test
  void grantOfAddressThatIsNotThePodsIsRefused() throws Exception {
    InetAddress other = InetAddress.ofLiteral("198.18.255.9");
    ztunnel.grant(clientUid, serverUid, other, other, APP + 1);
    ztunnel.grant(clientUid, serverUid, client.address(), server.address(), APP + 1);
    assertRefused();
  }

  @Test
  void grantOfProxyPortIsRefused() throws Exception {
    for (int port : new int[] {15001, 15006, 15008, 0}) {
      ztunnel.grant(clientUid, serverUid, server.address(), server.address(), port);
    }
    assertRefused();
  }

  @Test
  void grantOfPodToItselfIsRefused() throws Exception {
    ztunnel.grant(serverUid, serverUid, server.address(), server.address(), APP + 1);
    assertRefused();
  }

  @Test
  void beatRenewsTheLeaseForAShortTime() throws Exception {
    assertThat(only("pair_lease")).isZero();
    ztunnel.beat();
    await(() -> only("pair_lease") > 0);
    assertThat(only("pair_lease") - MonotonicClock.nanos())
        .isBetween(-60_000_000_000L, 3_000_000_000L);
  }

  @Test
  void lostZtunnelVoidsAll() throws Exception {
    grant();
    ztunnel.beat();
    await(() -> pairs() == 1 && only("pair_lease") > 0);
    long before = only("pair_generation");
    ztunnel.close();
    await(() -> only("pair_generation") != before && only("pair_lease") == 0);
  }

  @Test
  void silentZtunnelVoidsAll() throws Exception {
    grant();
    ztunnel.beat();
    await(() -> pairs() == 1 && only("pair_lease") > 0);
    long before = only("pair_generation");
    await(() -> only("pair_generation") != before && only("pair_lease") == 0);
  }

  @Test
  void newestZtunnelDecidesAndStartsFromNothing() throws Exception {
    grant();
    await(() -> pairs() == 1);
    long before = ztunnel.generation();
    try (PairingZtunnel newer = PairingZtunnel.hello(node.pairsSocket())) {
      assertThat(newer.generation()).isNotEqualTo(before);
      grant(); // the older one's word
      newer.grant(clientUid, serverUid, server.address(), server.address(), APP + 1);
      await(() -> pairs() == 2);
      assertThat(newer.earlier()).containsExactly(server.address());
      assertThat(currentPorts(newer.generation())).containsExactly((short) (APP + 1));
    }
  }

  @Test
  void olderZtunnelWaitsAndDecidesOnceTheNewerIsGone() throws Exception {
    PairingZtunnel newer = PairingZtunnel.welcomed(PairingZtunnel.waiting(node.pairsSocket(), 200));
    ztunnel.awaitSuperseded();
    newer.grant(clientUid, serverUid, server.address(), server.address(), APP);
    await(() -> pairs() == 1);
    long granted = newer.generation();
    try (SeqpacketSocket older = PairingZtunnel.waiting(node.pairsSocket(), 100)) {
      assertThatThrownBy(() -> older.receive(Duration.ofSeconds(1)))
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(newer.generation()).isEqualTo(granted);
      newer.close();
      try (PairingZtunnel decides = PairingZtunnel.welcomed(older)) {
        assertThat(decides.earlier()).containsExactly(server.address());
        decides.grant(clientUid, serverUid, server.address(), server.address(), APP + 1);
        await(() -> pairs() == 2);
      }
    }
  }

  private List<Short> currentPorts(long generation) throws IOException {
    List<Short> ports = new ArrayList<>();
    for (byte[] key : map("pairs", BpfMap::keys)) {
      byte[] grant = map("pairs", map -> map.lookup(key).orElseThrow());
      if (ByteBuffer.wrap(grant).order(ByteOrder.nativeOrder()).getLong() == generation) {
        ports.add(ByteBuffer.wrap(key).getShort(24));
      }
    }
    return ports;
  }

  @Test
  void podWhoseLabelIsRemovedTakesItsPairsAlong() throws Exception {
    for (String file : new String[] {"client.yaml", "server.yaml"}) {
      grant();
      await(() -> pairs() == 1);
      TestPod pod = file.startsWith("client") ? client : server;
      String name = file.substring(0, file.indexOf('.'));
      node.write(file, pod.yaml(name).replace("ambient", "none"));
      await(() -> pairs() == 0);
      zds.acknowledgeUntil("del " + (name.equals("client") ? clientUid : serverUid));
      node.write(file, pod.yaml(name));
      zds.acknowledgeUntil("add " + (name.equals("client") ? clientUid : serverUid));
      node.awaitState("shop/" + name, "enrolled");
    }
  }

  @Test
  void podWhoseNamespaceIsGoneTakesItsPairsAlong() throws Exception {
    grant();
    await(() -> pairs() == 1);
    server.delete();
    await(() -> pairs() == 0);
  }

  @Test
  void agentThatStartsVoidsWhatAnEarlierOneGranted() throws Exception {
    grant();
    await(() -> pairs() == 1);
    long before = only("pair_generation");
    zds.close();
    node.stop();
    assertThat(only("pair_generation")).isNotEqualTo(before);
    assertThat(only("pair_lease")).isZero();
    long stopped = only("pair_generation");
    start();
    assertThat(only("pair_generation")).isNotEqualTo(stopped);
    try (PairingZtunnel next = PairingZtunnel.hello(node.pairsSocket())) {
      assertThat(next.earlier()).containsExactly(server.address()); // to be judged by it
      assertThat(currentPorts(next.generation())).isEmpty();
    }
  }
}
