// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.zds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.Fd;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.NioDescriptors;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.wire.zds.Version;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.FakeAgent;
import java.io.File;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZdsClientTest {
  @TempDir private Path folder;
  private final Pods pods = new Pods();
  private final PodRegistry registry = new PodRegistry(new TrustDomain("cluster.local"), pods);
  private FakeAgent agent;
  private ZdsClient client;
  private NetworkNamespace here;

  @BeforeEach
  void start() throws Exception {
    here = NetworkNamespace.current();
    agent = new FakeAgent(folder.resolve("zds.sock"));
    client = new ZdsClient(folder.resolve("zds.sock"), registry, 1, () -> true);
    client.start();
  }

  @AfterEach
  void stop() {
    client.close();
    agent.close();
    here.close();
    pods.closeAll();
  }

  @Test
  void greetsThenAcknowledgesEach() throws Exception {
    assertThat(agent.accept().getVersion()).isEqualTo(Version.V1);

    assertThat(agent.ask(FakeAgent.add("1", "shop", "web"), here.fd())).isEmpty();
    assertThat(pods.known.get("1").identity()).hasToString("spiffe://cluster.local/ns/shop/sa/web");
    assertThat(pods.known.get("1").netns().inode()).isEqualTo(here.inode());
    assertThat(agent.ask(FakeAgent.del("1"))).isEmpty();
    assertThat(pods.known).isEmpty();
  }

  @Test
  void readyOnceTheSnapshotIsIn() throws Exception {
    agent.accept();
    agent.ask(FakeAgent.add("1", "shop", "web"), here.fd());
    assertThat(registry.ready()).isFalse();

    agent.ask(FakeAgent.keep("2"));
    agent.ask(FakeAgent.snapshotSent());
    assertThat(registry.ready()).isTrue();
    assertThat(pods.retained).containsExactly(Set.of("1", "2"));
  }

  @Test
  void podThatFailsIsTriedAgain() throws Exception {
    pods.refusals.add("no address yet");
    pods.refusals.add("still no address");
    agent.accept();

    assertThat(agent.ask(FakeAgent.add("1", "shop", "web"), here.fd())).isEqualTo("no address yet");
    agent.ask(FakeAgent.snapshotSent());
    Await.until("the pod to come up", registry::ready);
    assertThat(pods.known).containsKey("1");
    assertThat(pods.refusals).isEmpty();
  }

  @Test
  void podThatFailedAndLeftIsForgotten() throws Exception {
    pods.refuseAll = true;
    agent.accept();
    agent.ask(FakeAgent.add("1", "shop", "web"), here.fd());
    agent.ask(FakeAgent.snapshotSent());
    assertThat(registry.waitingFor()).containsExactly("1");

    agent.ask(FakeAgent.del("1"));
    assertThat(registry.ready()).isTrue();
  }

  @Test
  void podsStayWhileTheAgentIsAway() throws Exception {
    agent.accept();
    agent.ask(FakeAgent.add("1", "shop", "web"), here.fd());
    agent.ask(FakeAgent.snapshotSent());
    agent.hangUp();

    agent.accept();
    assertThat(pods.known).containsKey("1");
    assertThat(registry.ready()).isTrue();
    agent.ask(FakeAgent.keep("1"));
    agent.ask(FakeAgent.snapshotSent());
    assertThat(pods.retained).containsExactly(Set.of("1"), Set.of("1"));
  }

  @Test
  void agentThatComesLaterIsFound() throws Exception {
    agent.close();
    agent = new FakeAgent(folder.resolve("zds.sock"));

    assertThat(agent.accept().getVersion()).isEqualTo(Version.V1);
  }

  @Test
  void descriptorThatIsNoNamespaceRefused() throws Exception {
    agent.accept();
    try (Fd other = socket()) {
      assertThat(agent.ask(FakeAgent.add("1", "shop", "web"), other))
          .contains("not a network namespace");
    }
    assertThat(agent.ask(FakeAgent.add("2", "shop", "web"), here.fd())).isEmpty();
  }

  @Test
  void podWithoutIdentityRefused() throws Exception {
    agent.accept();

    assertThat(agent.ask(FakeAgent.add("1", "no such/namespace", "web"), here.fd()))
        .contains("no such/namespace");
    assertThat(agent.ask(FakeAgent.snapshotSent())).isEmpty();
    assertThat(registry.ready()).isTrue();
  }

  @Test
  void protocolErrorsEndTheConnection() throws Exception {
    byte[] garbage = "not protobuf at all".getBytes(StandardCharsets.US_ASCII);
    agent.accept();
    ends(garbage);
    byte[] unknownField = {0x78, 1};
    ends(unknownField);
    ends(FakeAgent.add("1", "shop", "web").toByteArray());
    ends(FakeAgent.add("1", "shop", "web").toByteArray(), here.fd(), here.fd());
    ends(FakeAgent.del("1").toByteArray(), here.fd());
    ends(FakeAgent.add("", "shop", "web").toByteArray(), here.fd());
    ends(FakeAgent.add("x".repeat(10_000), "shop", "web").toByteArray(), here.fd());
    ends(garbage, here.fd(), here.fd(), here.fd());

    assertThat(agent.ask(FakeAgent.add("1", "shop", "web"), here.fd())).isEmpty();
  }

  @Test
  void keepAfterTheSnapshotEndsTheConnection() throws Exception {
    agent.accept();
    agent.ask(FakeAgent.snapshotSent());

    assertThatThrownBy(() -> agent.ask(FakeAgent.keep("1"))).isInstanceOf(IOException.class);
  }

  @Test
  void noDescriptorLeaks() throws Exception {
    agent.accept();
    agent.ask(FakeAgent.add("warm", "shop", "web"), here.fd());
    agent.ask(FakeAgent.del("warm"));
    int before = openDescriptors();
    pods.refuseAll = true;
    for (int i = 0; i < 50; i++) {
      agent.ask(FakeAgent.add("refused", "shop", "web"), here.fd());
    }
    agent.ask(FakeAgent.del("refused"));
    pods.refuseAll = false;
    for (int i = 0; i < 50; i++) {
      agent.ask(FakeAgent.add("pod-" + i, "shop", "web"), here.fd());
      agent.ask(FakeAgent.del("pod-" + i));
    }
    try (Fd other = socket()) {
      for (int i = 0; i < 50; i++) {
        agent.ask(FakeAgent.add("odd", "shop", "web"), other);
      }
    }
    for (int i = 0; i < 10; i++) {
      ends(FakeAgent.del("1").toByteArray(), here.fd(), here.fd());
    }

    // The new connection's two ends take the place of the old one's; nothing else may be left.
    assertThat(openDescriptors()).isLessThanOrEqualTo(before + 2);
  }

  private void ends(byte[] packet, Fd... fds) throws IOException {
    // A message that is taken makes the client come back at once after the next end.
    assertThat(agent.ask(FakeAgent.keep("any"))).isEmpty();
    assertThatThrownBy(() -> agent.ask(packet, fds)).isInstanceOf(IOException.class);
    agent.accept();
  }

  /** A descriptor that is open, but no namespace's. */
  private static Fd socket() throws Exception {
    try (DatagramChannel channel = DatagramChannel.open()) {
      Fd borrowed = Fd.own(NioDescriptors.fd(channel));
      Fd copy = borrowed.duplicate();
      borrowed.release();
      return copy;
    }
  }

  private static int openDescriptors() {
    return new File("/proc/self/fd").list().length;
  }

  /** Records what it is told, and refuses as the test wants. */
  private static final class Pods implements PodListener {
    private final Map<String, Pod> known = new ConcurrentHashMap<>();
    private final List<Set<String>> retained = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> refusals = new ConcurrentLinkedQueue<>();
    private volatile boolean refuseAll;

    @Override
    public CompletableFuture<Void> add(Pod pod) {
      String refusal = refuseAll ? "refused" : refusals.poll();
      if (refusal != null) {
        pod.netns().close();
        return CompletableFuture.failedFuture(new IOException(refusal));
      }
      Pod old = known.put(pod.uid(), pod);
      if (old != null) {
        old.netns().close();
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> remove(String uid) {
      Pod old = known.remove(uid);
      if (old != null) {
        old.netns().close();
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void retainOnly(Set<String> uids) {
      retained.add(uids);
    }

    void closeAll() {
      known.values().forEach(pod -> pod.netns().close());
    }
  }
}
