// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.agent.zds.ScriptedZtunnel;
import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which sandboxes of a pod the agent goes on to know. */
final class CniSandboxTest extends CniCase {
  @Test
  void sandboxThatTheRuntimeHasNotAnyMoreIsForgotten() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      ztunnel.acknowledgeUntil("snapshot");
      addAcknowledged(ztunnel);
      assertThat(shim.collectAllBut("sandbox-web", "another")).isEqualTo(DONE);
      assertThat(call("CHECK")).isEqualTo(DONE);
      assertThat(shim.collectAsFirstLibraries("another")).isEqualTo(DONE);
      ztunnel.acknowledgeUntil("del " + UID);
      node.awaitState("shop/web", "sealed");
      assertThat(call("CHECK").output()).contains("\"code\":101");
    }
  }

  @Test
  void collectionWithoutAListIsRefusedAndForgetsNothing() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      ztunnel.acknowledgeUntil("snapshot");
      addAcknowledged(ztunnel);
      assertThat(call("GC").output()).contains("\"code\":7", "cni.dev/valid-attachments");
      assertThat(call("CHECK")).isEqualTo(DONE);
    }
  }

  @Test
  void sandboxOfARestartedPodTakesThePlaceOfTheOldOne() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    try (TestPod restarted = new TestPod();
        ScriptedZtunnel ztunnel = node.ztunnel()) {
      ztunnel.acknowledgeUntil("snapshot");
      addAcknowledged(ztunnel);
      CompletableFuture<CniShim.Result> added =
          CompletableFuture.supplyAsync(() -> addSecond(restarted));
      ztunnel.acknowledgeUntil("del " + UID);
      ztunnel.acknowledgeUntil("add " + UID);
      assertThat(added.get().exit()).isZero();
      assertThat(call("DEL")).isEqualTo(DONE);
      node.awaitState("shop/web", "enrolled");
      try (NetworkNamespace netns = restarted.open()) {
        assertThat(node.await(_ -> true).getFirst().netns()).contains(netns.cookie());
      }
    }
  }

  private CniShim.Result addSecond(TestPod restarted) {
    try {
      return shim.call(
          "ADD",
          "sandbox-second",
          restarted.path(),
          "web",
          CniShim.PREVIOUS.formatted(restarted.address().getHostAddress()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Its list is older than the sandbox. */
  @Test
  void collectionForgetsNoSandboxThatIsBeingAdded() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      ztunnel.acknowledgeUntil("snapshot");
      CompletableFuture<CniShim.Result> added = CompletableFuture.supplyAsync(this::add);
      assertThat(ztunnel.heard()).isEqualTo("add " + UID);
      assertThat(shim.collectAllBut()).isEqualTo(DONE);
      ztunnel.ack();
      assertThat(added.get()).isEqualTo(new CniShim.Result(0, previous));
      node.awaitState("shop/web", "enrolled");
      assertThat(call("CHECK")).isEqualTo(DONE);
    }
  }
}
