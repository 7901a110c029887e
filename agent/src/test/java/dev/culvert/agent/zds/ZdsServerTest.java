// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.Packet;
import dev.culvert.policy.wire.zds.WorkloadRequest;
import dev.culvert.policy.wire.zds.ZdsHello;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ZdsServerTest {
  @TempDir private Path folder;
  private NetworkNamespace netns;
  private ZdsServer server;
  private Path path;

  @BeforeEach
  void open() throws IOException {
    netns = NetworkNamespace.current();
    path = folder.resolve("zds.sock");
    server = new ZdsServer(path, Duration.ofSeconds(1));
    server.open();
  }

  @AfterEach
  void close() {
    server.close();
    netns.close();
  }

  private AnnouncedPod pod(String uid) {
    return new AnnouncedPod(uid, "default", uid, "robot", Optional.of(netns));
  }

  private void announce(AnnouncedPod pod) {
    assertThat(server.add(pod)).isNotDone();
  }

  @Test
  void snapshotNamesEveryPodThenEnds() throws Exception {
    announce(pod("a"));
    announce(pod("b"));
    announce(new AnnouncedPod("c", "default", "c", "robot", Optional.empty()));
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      assertThat(ztunnel.acknowledgeUntil("snapshot"))
          .containsExactly("add a", "add b", "keep c", "snapshot");
    }
  }

  @Test
  void addCarriesNameAccountAndNamespaceDescriptor() throws Exception {
    announce(pod("a"));
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path);
        Packet packet = ztunnel.hear();
        NetworkNamespace received = NetworkNamespace.of(packet.fds().getFirst().duplicate())) {
      WorkloadRequest request = WorkloadRequest.parseFrom(packet.data());
      assertThat(request.getAdd().getWorkloadInfo().getServiceAccount()).isEqualTo("robot");
      assertThat(request.getAdd().getWorkloadInfo().getNamespace()).isEqualTo("default");
      assertThat(received.inode()).isEqualTo(netns.inode());
    }
  }

  @Test
  void nothingIsSentBeforeHelloAndAcks() throws Exception {
    announce(pod("a"));
    announce(pod("b"));
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.silent(path)) {
      ztunnel.say(hello(1));
      assertThat(ztunnel.heard()).isEqualTo("add a");
      ztunnel.ack();
      assertThat(ztunnel.heard()).isEqualTo("add b");
    }
  }

  @Test
  void addAndDeleteAfterSnapshotCompleteWithTheirAcks() throws Exception {
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      ztunnel.acknowledgeUntil("snapshot");
      CompletableFuture<Void> added = server.add(pod("a"));
      assertThat(ztunnel.heard()).isEqualTo("add a");
      assertThat(added).isNotDone();
      ztunnel.ack();
      await(added);
      CompletableFuture<Void> withdrawn = server.withdraw("a");
      assertThat(ztunnel.heard()).isEqualTo("del a");
      assertThat(withdrawn).isNotDone();
      ztunnel.ack();
      await(withdrawn);
    }
  }

  @Test
  void withdrawalWithoutZtunnelIsDoneAtOnce() {
    announce(pod("a"));
    assertThat(server.withdraw("a")).isCompleted();
  }

  @Test
  void additionGoesToNewestWithdrawalToAll() throws Exception {
    announce(pod("a"));
    try (ScriptedZtunnel old = ScriptedZtunnel.hello(path)) {
      old.acknowledgeUntil("snapshot");
      try (ScriptedZtunnel successor = ScriptedZtunnel.hello(path)) {
        successor.acknowledgeUntil("snapshot");
        CompletableFuture<Void> added = server.add(pod("b"));
        successor.acknowledgeUntil("add b");
        await(added);
        CompletableFuture<Void> withdrawn = server.withdraw("a");
        assertThat(successor.acknowledgeUntil("del a")).containsExactly("del a");
        assertThat(withdrawn).isNotDone();
        assertThat(old.acknowledgeUntil("del a")).containsExactly("del a");
        await(withdrawn);
      }
    }
  }

  @Test
  void survivorIsToldOfAllPodsAgainWhenNewestDies() throws Exception {
    announce(pod("a"));
    announce(pod("b"));
    try (ScriptedZtunnel old = ScriptedZtunnel.hello(path)) {
      old.acknowledgeUntil("snapshot");
      ScriptedZtunnel successor = ScriptedZtunnel.hello(path);
      successor.acknowledgeUntil("snapshot");
      successor.close();
      assertThat(old.acknowledgeUntil("add b")).containsExactly("add a", "add b");
      CompletableFuture<Void> withdrawn = server.withdraw("a");
      assertThat(old.acknowledgeUntil("del a")).containsExactly("del a");
      await(withdrawn);
    }
  }

  @Test
  void laterStartIsTheNewestWhicheverConnectedLast() throws Exception {
    try (ScriptedZtunnel newest = ScriptedZtunnel.hello(path, 200)) {
      newest.acknowledgeUntil("snapshot");
      try (ScriptedZtunnel older = ScriptedZtunnel.hello(path, 100)) {
        older.acknowledgeUntil("snapshot");
        CompletableFuture<Void> added = server.add(pod("a"));
        assertThat(newest.acknowledgeUntil("add a")).containsExactly("add a");
        await(added);
      }
      await(server.add(pod("b")), newest, "add b");
    }
  }

  private static void await(CompletableFuture<Void> done, ScriptedZtunnel by, String heard)
      throws Exception {
    assertThat(by.acknowledgeUntil(heard)).containsExactly(heard);
    await(done);
  }

  @Test
  void survivorCatchesUpWhenNewestDies() throws Exception {
    try (ScriptedZtunnel old = ScriptedZtunnel.hello(path)) {
      old.acknowledgeUntil("snapshot");
      CompletableFuture<Void> added;
      try (ScriptedZtunnel successor = ScriptedZtunnel.hello(path)) {
        successor.acknowledgeUntil("snapshot");
        added = server.add(pod("a"));
        assertThat(successor.heard()).isEqualTo("add a");
      }
      assertThat(old.acknowledgeUntil("add a")).containsExactly("add a");
      await(added);
    }
  }

  @Test
  void refusedPodIsOfferedAgain() throws Exception {
    CompletableFuture<Void> added = server.add(pod("a"));
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      assertThat(ztunnel.heard()).isEqualTo("add a");
      ztunnel.answer("no certificate yet");
      assertThat(ztunnel.heard()).isEqualTo("snapshot");
      ztunnel.ack();
      assertThat(added).isNotDone();
      assertThat(ztunnel.acknowledgeUntil("add a")).containsExactly("add a");
      await(added);
    }
  }

  @Test
  void refusedPodIsWithdrawnToo() throws Exception {
    announce(pod("a"));
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      ztunnel.heard();
      ztunnel.answer("no certificate yet");
      ztunnel.acknowledgeUntil("snapshot");
      CompletableFuture<Void> withdrawn = server.withdraw("a");
      ztunnel.acknowledgeUntil("del a");
      await(withdrawn);
    }
  }

  @Test
  void replacedNamespaceIsAnnouncedAgain() throws Exception {
    announce(pod("a"));
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path);
        NetworkNamespace other = netns.duplicate()) {
      ztunnel.acknowledgeUntil("snapshot");
      await(
          CompletableFuture.allOf(
              server.add(new AnnouncedPod("a", "default", "a", "robot", Optional.of(other))),
              CompletableFuture.runAsync(() -> acknowledge(ztunnel, "add a"))));
    }
  }

  private static void acknowledge(ScriptedZtunnel ztunnel, String last) {
    try {
      ztunnel.acknowledgeUntil(last);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void wrongVersionIsHungUpOn() throws Exception {
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.silent(path)) {
      ztunnel.say(hello(2));
      assertHungUp(ztunnel);
    }
  }

  @Test
  void garbageIsHungUpOn() throws Exception {
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.silent(path)) {
      ztunnel.say(new byte[] {(byte) 0xff, (byte) 0xff, 1});
      assertHungUp(ztunnel);
    }
  }

  @Test
  void tooLongPacketIsHungUpOn() throws Exception {
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      assertThat(ztunnel.heard()).isEqualTo("snapshot");
      ztunnel.say(new byte[10_000]);
      assertHungUp(ztunnel);
    }
  }

  @Test
  void answerWithoutAckIsHungUpOn() throws Exception {
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      assertThat(ztunnel.heard()).isEqualTo("snapshot");
      ztunnel.say(hello(1));
      assertHungUp(ztunnel);
    }
  }

  @Test
  void clientThatNeverAcksIsHungUpOnAndOthersAreServed() throws Exception {
    try (ScriptedZtunnel mute = ScriptedZtunnel.hello(path)) {
      assertThat(mute.heard()).isEqualTo("snapshot");
      try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
        ztunnel.acknowledgeUntil("snapshot");
      }
      assertHungUp(mute);
    }
  }

  @Test
  void speakingUnaskedIsHungUpOn() throws Exception {
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      ztunnel.acknowledgeUntil("snapshot");
      ztunnel.ack();
      assertHungUp(ztunnel);
    }
  }

  @Test
  void returningZtunnelHearsEverythingAgain() throws Exception {
    announce(pod("a"));
    for (int i = 0; i < 7; i++) {
      try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
        assertThat(ztunnel.acknowledgeUntil("snapshot")).containsExactly("add a", "snapshot");
      }
    }
  }

  @Test
  void closedServerLeavesNoSocketAndHangsUp() throws Exception {
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      ztunnel.acknowledgeUntil("snapshot");
      server.close();
      assertHungUp(ztunnel);
    }
    assertThat(path).doesNotExist();
  }

  private static byte[] hello(int version) {
    return ZdsHello.newBuilder().setVersionValue(version).build().toByteArray();
  }

  private static void assertHungUp(ScriptedZtunnel ztunnel) {
    assertThatThrownBy(ztunnel::hear)
        .satisfiesAnyOf(
            e -> assertThat(e).isInstanceOf(EOFException.class),
            e -> assertThat(e).isInstanceOf(SocketException.class),
            e -> assertThat(e).hasMessageContaining("ECONNRESET"));
  }

  private static void await(CompletableFuture<Void> future) throws Exception {
    future.get(20, TimeUnit.SECONDS);
  }
}
