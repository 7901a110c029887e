// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod that leaves while ztunnel is away, comes back, or is told of it. */
final class ZdsReconnectTest {
  @TempDir private Path folder;
  private NetworkNamespace netns;
  private ZdsServer server;
  private Path path;

  @BeforeEach
  void open() throws IOException {
    netns = NetworkNamespace.current();
    path = folder.resolve("zds.sock");
    server = new ZdsServer(path, Duration.ofSeconds(5));
    server.open();
    announce("a");
    announce("b");
  }

  @AfterEach
  void close() {
    server.close();
    netns.close();
  }

  private void announce(String uid) {
    var _ = server.add(new AnnouncedPod(uid, "default", uid, "robot", Optional.of(netns)));
  }

  private static void await(CompletableFuture<Void> future) throws Exception {
    future.get(20, TimeUnit.SECONDS);
  }

  @Test
  void podThatLeftMeanwhileIsNotInTheNextSnapshot() throws Exception {
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      ztunnel.acknowledgeUntil("snapshot");
    }
    await(server.withdraw("a"));
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      assertThat(ztunnel.acknowledgeUntil("snapshot")).containsExactly("add b", "snapshot");
    }
  }

  @Test
  void podThatLeavesAfterItWasNamedIsDeletedBehindTheSnapshot() throws Exception {
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      assertThat(ztunnel.heard()).isEqualTo("add a");
      CompletableFuture<Void> withdrawn = server.withdraw("a");
      assertThat(withdrawn).isNotDone();
      ztunnel.ack();
      assertThat(ztunnel.acknowledgeUntil("del a")).containsExactly("add b", "snapshot", "del a");
      await(withdrawn);
    }
  }

  @Test
  void podThatLeavesBeforeItIsNamedIsNotNamed() throws Exception {
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      assertThat(ztunnel.heard()).isEqualTo("add a");
      await(server.withdraw("b"));
      ztunnel.ack();
      assertThat(ztunnel.acknowledgeUntil("snapshot")).containsExactly("snapshot");
    }
  }

  @Test
  void deleteThatWasNotAnsweredIsDoneWhenZtunnelIsGone() throws Exception {
    CompletableFuture<Void> withdrawn;
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      ztunnel.acknowledgeUntil("snapshot");
      withdrawn = server.withdraw("a");
      assertThat(ztunnel.heard()).isEqualTo("del a");
    }
    await(withdrawn);
    try (ScriptedZtunnel ztunnel = ScriptedZtunnel.hello(path)) {
      assertThat(ztunnel.acknowledgeUntil("snapshot")).containsExactly("add b", "snapshot");
    }
  }
}
