// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(value = "isRoot", disabledReason = "namespaces need root")
class LabTest {
  private final String name = "test-" + ProcessHandle.current().pid();

  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  @AfterEach
  void leaveNothing() throws IOException {
    Lab.destroy(name);
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void podsOfTwoNodesReachEachOtherOverBothFamilies() throws IOException {
    try (Lab lab = Lab.create(name)) {
      LabPod a = lab.addPod(lab.addNode("node1"), pod("a"));
      LabPod b = lab.addPod(lab.addNode("node2"), pod("b"));
      try (ServerSocket server = b.place().call(() -> new ServerSocket(8080))) {
        assertThat(server.isBound()).isTrue();
        assertThat(peerOfConnection(a, b.ip4(), server)).isEqualTo("/" + a.ip4());
        assertThat(peerOfConnection(a, b.ip6(), server)).contains("fd00:c01:1:");
      }
    }
  }

  @Test
  void processRunsInItsNamespaceAndCgroup() throws IOException {
    try (Lab lab = Lab.create(name)) {
      LabPod a = lab.addPod(lab.addNode("node1"), pod("a"));
      CommandResult result =
          lab.run(
              a.place(),
              List.of("sh", "-c", "cat /proc/self/cgroup /etc/resolv.conf; ip -o addr show eth0"));
      assertThat(result.out())
          .contains("culvert-lab-" + name + "/node1/pods")
          .contains("search shop.svc.cluster.local")
          .contains(a.ip4() + "/24")
          .contains(a.ip6() + "/64");
      assertThat(result.ok()).isTrue();
    }
  }

  @Test
  void killedProcessIsGone() throws IOException {
    try (Lab lab = Lab.create(name)) {
      LabProcess process =
          lab.start(
              lab.addNode("node1").place(),
              "sleeper",
              List.of("sh", "-c", "echo ready; exec sleep 600"));
      assertThat(process.awaitLine("ready", Duration.ofSeconds(10))).isEqualTo("ready");
      process.kill();
      assertThat(process.isAlive()).isFalse();
    }
  }

  @Test
  void processThatEndsEarlyIsToldWithItsLog() throws IOException {
    try (Lab lab = Lab.create(name)) {
      LabProcess process =
          lab.start(lab.control(), "broken", List.of("sh", "-c", "echo no port left; exit 3"));
      assertThatThrownBy(() -> process.awaitLine("ready", Duration.ofSeconds(10)))
          .isInstanceOf(LabProcessEndedException.class)
          .hasMessageContaining("broken ended with 3")
          .hasMessageContaining("no port left");
    }
  }

  @Test
  void crashedOwnerLeavesNothingAfterDestroy() throws IOException {
    Lab lab = Lab.create(name);
    LabNode node = lab.addNode("node1");
    lab.addPod(node, pod("a"));
    LabProcess stubborn =
        lab.start(
            node.place(),
            "stubborn",
            List.of("sh", "-c", "trap '' TERM; setsid sleep 600 & echo ready; wait"));
    stubborn.awaitLine("ready", Duration.ofSeconds(10));
    lab.keep(); // as far as anyone can tell, its owner is gone
    assertThat(Lab.destroy(name)).isTrue();
    assertThat(stubborn.isAlive()).isFalse();
    assertThat(Lab.destroy(name)).isFalse();
  }

  @Test
  void labOfALivingProcessIsLeftAlone() throws Exception {
    Process other = new ProcessBuilder("sleep", "600").start();
    try (Lab lab = Lab.create(name)) {
      Path manifest = lab.layout().manifest();
      Files.writeString(
          manifest, Files.readString(manifest) + "owner " + LabPid.of(other.pid()) + "\n");
      assertThatThrownBy(() -> Lab.create(name))
          .isInstanceOf(LabBusyException.class)
          .hasMessageContaining("process " + other.pid());
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  private static LabPodSpec pod(String name) {
    return new LabPodSpec("shop", name, name, Map.of());
  }

  private static String peerOfConnection(LabPod from, String address, ServerSocket server)
      throws IOException {
    Socket client =
        from.place()
            .call(
                () -> {
                  Socket socket = new Socket();
                  socket.connect(new InetSocketAddress(address, server.getLocalPort()), 5000);
                  return socket;
                });
    try (client;
        Socket accepted = server.accept()) {
      return accepted.getInetAddress().toString();
    }
  }

  private List<Path> leftovers() throws IOException {
    Pattern ofThisLab = Pattern.compile("(.*-)?" + name + "(-.*)?"); // not one of a longer pid
    String cgroups = LabCgroup.of(new LabLayout("x")).path().getParent().toString();
    return Stream.of("/run/netns", "/etc/netns", "/run/culvert", "/sys/fs/bpf", cgroups)
        .map(Path::of)
        .flatMap(LabTest::children)
        .filter(path -> ofThisLab.matcher(path.getFileName().toString()).matches())
        .toList();
  }

  private static Stream<Path> children(Path folder) {
    try (Stream<Path> list = Files.list(folder)) {
      return list.toList().stream();
    } catch (IOException e) {
      return Stream.empty();
    }
  }
}
