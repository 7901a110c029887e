// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kills;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.kubelet.Sandbox;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import dev.culvert.tests.mesh.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A node starts from nothing: no process, no pin, no file of a tmpfs; and its parts come back in
 * every order, while the runtime tries again and again to start a pod.
 */
@Root
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class RebootTest {
  private static final int PORT = 8700;
  private static final AtomicInteger BOOTS = new AtomicInteger();

  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: strict, namespace: mesh}
      spec: {mtls: {mode: STRICT}}
      """;

  private static Mesh mesh;

  @BeforeAll
  static void start() throws Exception {
    mesh = Mesh.start("auto");
    mesh.apply("strict.yaml", STRICT);
  }

  @AfterAll
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
    }
  }

  @ParameterizedTest(name = "{0}, {1}, {2}")
  @CsvSource({
    "agent, ztunnel, controlplane",
    "agent, controlplane, ztunnel",
    "ztunnel, agent, controlplane",
    "ztunnel, controlplane, agent",
    "controlplane, agent, ztunnel",
    "controlplane, ztunnel, agent"
  })
  void podStartsOnlyOnceItIsProtected(String first, String second, String third) throws Exception {
    Map<String, MeshProcess> parts =
        Map.of(
            "agent", mesh.processes().agentOf(mesh.client()),
            "ztunnel", mesh.processes().ztunnelOf(mesh.client()),
            "controlplane", mesh.processes().controlPlane());
    for (MeshProcess part : parts.values()) {
      part.kill();
    }
    LabNode node = mesh.lab().nodes().get(Mesh.NODE_1);
    delete(node.pinDirectory());
    deleteFilesOf(node.directory());
    try (MeshPod pod =
            mesh.addPodWithoutWaiting(Mesh.NODE_1, "boot" + BOOTS.incrementAndGet(), true);
        AppServer server = mesh.server().serve(PORT, Services.echo())) {
      LabPod sandbox = mesh.lab().pods().get(pod.name());
      assertHeld(sandbox);
      for (String part : List.of(first, second, third)) {
        parts.get(part).start();
        assertProtectedIfStarted(sandbox, pod);
      }
      Await.until("the pod may start", () -> new Sandbox(sandbox).add().mayStart());
      assertProtected(pod);
      assertThat(server.waitingPeers()).as("of the pod, or of nobody").isPositive();
    }
    for (MeshProcess part : parts.values()) {
      part.awaitReady();
    }
  }

  /** Nobody knows yet which pods are of the mesh, so every one waits. */
  private static void assertHeld(LabPod pod) throws IOException {
    Sandbox.Result result = new Sandbox(pod).add();
    assertThat(result.mayStart()).isFalse();
    assertThat(result.output()).contains("\"code\":11");
  }

  private static void assertProtectedIfStarted(LabPod sandbox, MeshPod pod) throws Exception {
    if (new Sandbox(sandbox).add().mayStart()) {
      assertProtected(pod);
    }
  }

  /** At once, and without waiting for anything. */
  private static void assertProtected(MeshPod pod) throws Exception {
    try (AppServer app = pod.serve(PORT, Services.echo())) {
      assertThat(plaintext(pod)).as("from outside").isFalse();
      assertThat(app.waitingPeers()).as("accepted by the app").isZero();
    }
    Optional<String> identity =
        mesh.sourceIdentity(
            pod.v4(), mesh.server(), mesh.server().at(PORT), () -> talk(pod, mesh.server()));
    assertThat(identity).contains(pod.identity());
  }

  private static boolean plaintext(MeshPod to) {
    try {
      return talk(mesh.outsider(), to).equals("who am I?");
    } catch (IOException _) {
      return false;
    }
  }

  private static String talk(MeshPod from, MeshPod to) throws IOException {
    try (AppConnection connection = from.connect(to.at(PORT))) {
      return connection.echo("who am I?");
    }
  }

  private static void deleteFilesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        delete(file);
      }
    }
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
