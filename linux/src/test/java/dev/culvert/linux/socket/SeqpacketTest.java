// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.Fd;
import dev.culvert.linux.OpenDescriptors;
import dev.culvert.linux.errno.ErrnoException;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SeqpacketTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration AT_ONCE = Duration.ofMillis(10);

  @TempDir private Path folder;
  private SeqpacketServer server;
  private SeqpacketSocket client;
  private SeqpacketSocket accepted;

  @BeforeEach
  void connect() throws IOException {
    server = SeqpacketServer.listen(folder.resolve("run/test.sock"));
    client = SeqpacketSocket.connect(server.path());
    accepted = server.accept(SOON);
  }

  @AfterEach
  void close() {
    client.close();
    accepted.close();
    server.close();
  }

  @Test
  void packetsKeepTheirBounds() throws Exception {
    client.send(bytes("one"));
    client.send(bytes("two"));
    try (Packet first = accepted.receive(SOON);
        Packet second = accepted.receive(SOON)) {
      assertThat(new String(first.data(), UTF_8)).isEqualTo("one");
      assertThat(new String(second.data(), UTF_8)).isEqualTo("two");
      assertThat(first.isWhole()).isTrue();
      assertThat(first.fds()).isEmpty();
    }
  }

  @Test
  void severalDescriptorsArriveAndAreClosedOnExec() throws Exception {
    try (NetworkNamespace sent = NetworkNamespace.current();
        Fd other = Fd.own(1).duplicate()) {
      client.send(bytes("fds"), sent.fd(), other);
      try (Packet packet = accepted.receive(SOON);
          NetworkNamespace received = NetworkNamespace.of(packet.fds().getFirst().duplicate())) {
        assertThat(packet.fds()).hasSize(2);
        assertThat(received.inode()).isEqualTo(sent.inode());
        for (Fd fd : packet.fds()) {
          assertThat(Files.readString(Path.of("/proc/self/fdinfo/" + fd.value())))
              .containsPattern("flags:\\s+0?2");
        }
      }
    }
  }

  @Test
  void longPacketIsToldTruncated() throws Exception {
    client.send(new byte[100]);
    try (Packet packet = accepted.receive(99, SOON)) {
      assertThat(packet.dataTruncated()).isTrue();
      assertThat(packet.data()).hasSize(99);
    }
  }

  @Test
  void tooManyDescriptorsAreToldTruncatedAndNoneLeaks() throws Exception {
    long before = OpenDescriptors.count();
    try (Fd fd = Fd.own(1).duplicate()) {
      client.send(bytes("many"), IntStream.range(0, 30).mapToObj(i -> fd).toArray(Fd[]::new));
    }
    try (Packet packet = accepted.receive(SOON)) {
      assertThat(packet.controlTruncated()).isTrue();
      assertThat(packet.fds()).hasSize(8);
    }
    assertThat(OpenDescriptors.count()).isEqualTo(before);
  }

  @Test
  void peerIsThisProcess() {
    int self = Math.toIntExact(ProcessHandle.current().pid());
    assertThat(accepted.peer()).isEqualTo(client.peer());
    assertThat(accepted.peer().pid()).isEqualTo(self);
    assertThat(accepted.peer().uid()).isZero();
  }

  @Test
  void waitingEndsAtTheDeadline() {
    assertThatThrownBy(() -> accepted.receive(AT_ONCE)).isInstanceOf(SocketTimeoutException.class);
    assertThatThrownBy(() -> server.accept(AT_ONCE)).isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void fullPeerTimesOut() {
    assertThatThrownBy(
            () -> {
              while (true) {
                client.send(new byte[4096], AT_ONCE);
              }
            })
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessage("send timed out");
  }

  @Test
  void closedPeerReadsAsEndAndFailsWrites() {
    client.close();
    assertThatThrownBy(() -> accepted.receive(SOON)).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> accepted.send(bytes("late")))
        .isInstanceOf(ErrnoException.class)
        .hasMessageContaining("EPIPE");
    assertThatThrownBy(() -> client.send(bytes("mine"))).hasMessage("socket is closed");
  }

  @Test
  void closeWakesWaitingThreads() {
    CompletableFuture<Void> receiving =
        CompletableFuture.runAsync(() -> assertThatThrownBy(() -> accepted.receive(SOON)));
    CompletableFuture<Void> accepting =
        CompletableFuture.runAsync(() -> assertThatThrownBy(() -> server.accept(SOON)));
    accepted.close();
    server.close();
    CompletableFuture.allOf(receiving, accepting).join();
  }

  @Test
  void emptyPacketIsRefused() {
    assertThatThrownBy(() -> client.send(new byte[0])).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void secondListenerIsRefused() {
    assertThatThrownBy(() -> SeqpacketServer.listen(server.path()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another process listens here already");
  }

  @Test
  void staleSocketFileIsReplaced() throws Exception {
    Path path = folder.resolve("stale.sock");
    try (Fd dead = SocketCalls.socket(SocketCalls.AF_UNIX, SocketCalls.SOCK_SEQPACKET)) {
      SocketCalls.bind(dead, new UnixAddress(path));
    }
    try (SeqpacketServer successor = SeqpacketServer.listen(path)) {
      assertThat(successor.isOpen()).isTrue();
      assertThat(Files.getPosixFilePermissions(path)).hasSize(2);
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void fileThatIsNoSocketIsKept() throws Exception {
    Path path = Files.writeString(folder.resolve("precious"), "data");
    assertThatThrownBy(() -> SeqpacketServer.listen(path))
        .hasMessageContaining("precious: is there and is not a socket");
    assertThat(path).hasContent("data");
  }

  @Test
  void closeKeepsSocketOfSuccessor() throws Exception {
    Files.delete(server.path());
    try (SeqpacketServer successor = SeqpacketServer.listen(server.path())) {
      server.close();
      SeqpacketSocket.connect(successor.path()).close();
    }
  }

  @Test
  void connectToNobodyNamesPathAndErrno() {
    Path path = folder.resolve("none.sock");
    assertThatThrownBy(() -> SeqpacketSocket.connect(path))
        .hasMessage("connect(%s): ENOENT (2)".formatted(path));
    assertThatThrownBy(() -> SeqpacketSocket.connect(Path.of("/" + "x".repeat(107))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 107 bytes");
  }

  @Test
  void failuresLeaveNoDescriptorOpen() throws Exception {
    long before = OpenDescriptors.count();
    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() -> SeqpacketServer.listen(server.path()));
      assertThatThrownBy(() -> SeqpacketSocket.connect(folder.resolve("none.sock")));
      SeqpacketSocket.connect(server.path()).close();
      server.accept(SOON).close();
      server.accept(SOON).close(); // the second listener looked whether anybody is here
    }
    assertThat(OpenDescriptors.count()).isEqualTo(before);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
