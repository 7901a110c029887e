// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.zds;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.linux.Fd;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.Packet;
import dev.culvert.linux.socket.SeqpacketServer;
import dev.culvert.linux.socket.SeqpacketSocket;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.wire.zds.WorkloadResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A false agent's packets, over a real socket with real descriptors. */
class ZdsFuzzTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** The first byte says how many descriptors come along. */
  @FuzzTest
  void packet(byte[] input) throws IOException {
    if (input.length < 2) {
      return;
    }
    long before = descriptors();
    talk(Arrays.copyOfRange(input, 1, input.length), input[0] & 3);
    assertThat(descriptors()).as("open descriptors").isEqualTo(before);
  }

  private static void talk(byte[] packet, int attached) throws IOException {
    Path folder = Files.createTempDirectory("zds");
    Pods pods = new Pods();
    PodRegistry registry = new PodRegistry(new TrustDomain("cluster.local"), pods);
    try (SeqpacketServer server = SeqpacketServer.listen(folder.resolve("s"));
        SeqpacketSocket ztunnel = SeqpacketSocket.connect(server.path());
        SeqpacketSocket agent = server.accept(PATIENCE);
        NetworkNamespace here = NetworkNamespace.current()) {
      Fd[] fds = new Fd[attached];
      Arrays.fill(fds, here.fd());
      agent.send(packet, PATIENCE, fds);
      answer(new ZdsSession(ztunnel, registry), agent, registry);
    } finally {
      registry.retainOnly(Set.of());
      pods.close();
      Files.deleteIfExists(folder.resolve("s"));
      Files.delete(folder);
    }
  }

  /** One answer, or the end of the connection; what is known afterwards has a name. */
  private static void answer(ZdsSession session, SeqpacketSocket agent, PodRegistry registry)
      throws IOException {
    try {
      assertThat(session.next(PATIENCE)).isTrue();
    } catch (ZdsProtocolException e) {
      assertThat(e.getMessage()).isNotBlank();
      assertThat(registry.known()).isEmpty();
      return;
    }
    try (Packet answer = agent.receive(PATIENCE)) {
      assertThat(WorkloadResponse.parseFrom(answer.data()).hasAck()).isTrue();
    }
    assertThat(registry.known()).allMatch(pod -> !pod.uid().isEmpty());
  }

  /** Sockets and namespaces; a JVM opens and closes files as it likes. */
  private static long descriptors() throws IOException {
    long count = 0;
    for (String number : Path.of("/proc/self/fd").toFile().list()) {
      count += isSocketOrNamespace(Path.of("/proc/self/fd", number)) ? 1 : 0;
    }
    return count;
  }

  private static boolean isSocketOrNamespace(Path descriptor) throws IOException {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("socket:") || target.startsWith("net:");
    } catch (NoSuchFileException closed) {
      return false;
    }
  }

  /** Takes every pod and closes its namespace in the end. */
  private static final class Pods implements PodListener {
    private Pod taken;

    @Override
    public CompletableFuture<Void> add(Pod pod) {
      close();
      taken = pod;
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> remove(String uid) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void retainOnly(Set<String> uids) {
      // The test closes what it took.
    }

    void close() {
      if (taken != null) {
        taken.netns().close();
        taken = null;
      }
    }
  }
}
