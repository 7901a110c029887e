// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.linux.socket.Packet;
import dev.culvert.linux.socket.SeqpacketSocket;
import dev.culvert.policy.wire.zds.Version;
import dev.culvert.policy.wire.zds.ZdsHello;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Somebody else on the agent's ZDS socket: it hangs up on him, keeps no descriptor, and goes on
 * serving ztunnel.
 */
abstract class FalseZtunnelScenarios {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Mesh mesh;
  private MeshProcess agent;
  private long before;

  FalseZtunnelScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeEach
  void count() throws InterruptedException {
    agent = mesh.processes().agentOf(mesh.client());
    before = agent.settledDescriptors();
  }

  @Test
  void garbageInsteadOfHello() throws Exception {
    byte[] noise = new byte[512];
    new SplittableRandom(4).nextBytes(noise);
    hungUpOn(noise);
  }

  @Test
  void helloOfAnotherVersion() throws Exception {
    hungUpOn(ZdsHello.newBuilder().setVersionValue(99).build().toByteArray());
  }

  @Test
  void helloTooLong() throws Exception {
    hungUpOn(new byte[60_000]);
  }

  @Test
  void garbageInsteadOfAcknowledgement() throws Exception {
    for (int i = 0; i < 5; i++) {
      try (SeqpacketSocket socket = greet()) {
        socket.receive(PATIENCE).close();
        socket.send(new byte[] {-1, -1, -1, -1});
        endsSoon(socket);
      }
    }
    nothingIsLeft();
  }

  @Test
  void silenceAfterHello() throws Exception {
    try (SeqpacketSocket socket = greet();
        Packet first = socket.receive(PATIENCE)) {
      assertThat(first.data()).isNotEmpty();
      newPodsAreEnrolled();
    }
    nothingIsLeft();
  }

  private void hungUpOn(byte[] first) throws Exception {
    for (int i = 0; i < 5; i++) {
      try (SeqpacketSocket socket = dial()) {
        socket.send(first);
        endsSoon(socket);
      }
    }
    nothingIsLeft();
  }

  private void nothingIsLeft() throws Exception {
    agent.awaitDescriptors(before);
    newPodsAreEnrolled();
  }

  private void newPodsAreEnrolled() throws Exception {
    try (MeshPod pod = mesh.addPod(Mesh.NODE_1, "newcomer", true)) {
      assertThat(pod.name()).isEqualTo("newcomer");
    }
  }

  private SeqpacketSocket greet() throws IOException {
    SeqpacketSocket socket = dial();
    socket.send(ZdsHello.newBuilder().setVersion(Version.V1).build().toByteArray());
    return socket;
  }

  private SeqpacketSocket dial() throws IOException {
    return SeqpacketSocket.connect(mesh.zdsSocketOf(mesh.client()));
  }

  private static void endsSoon(SeqpacketSocket socket) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () -> {
              while (true) {
                socket.receive(PATIENCE).close();
              }
            });
  }
}
