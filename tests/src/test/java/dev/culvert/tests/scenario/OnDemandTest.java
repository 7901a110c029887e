// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import dev.culvert.tests.mesh.Root;
import dev.culvert.tests.mesh.Transports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestClassOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A mesh whose ztunnels ask for addresses when a connection needs them. */
@Root
@ParameterizedClass(name = "{0}")
@MethodSource("transports")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@TestClassOrder(ClassOrderer.OrderAnnotation.class)
record OnDemandTest(String transport) {
  private static final int PORT = 8700;
  private static Mesh mesh;

  static Stream<String> transports() {
    return Transports.available();
  }

  @BeforeParameterizedClassInvocation
  static void start(String transport) throws Exception {
    mesh = Mesh.startOnDemand(transport);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
      mesh = null;
    }
  }

  @Nested
  @Order(1)
  final class Routes extends RouteScenarios {
    Routes() {
      super(mesh);
    }
  }

  @Nested
  @Order(2)
  final class Asked {
    @Test
    void newPodIsTunnelledFromItsFirstConnection() throws Exception {
      try (MeshPod pod = mesh.addPod(Mesh.NODE_2, "asked", true);
          AppServer _ = pod.serve(PORT, Services.echo())) {
        // Its node may have it before the control plane does, which its own ztunnel asks.
        pod.awaitTunnelsTo(pod);
        assertThat(identity(pod)).contains(mesh.client().identity());
      }
    }

    @Test
    void replacedPodIsFoundAgain() throws Exception {
      try (MeshPod pod = mesh.addPod(Mesh.NODE_2, "replaced", true);
          AppServer _ = pod.serve(PORT, Services.echo())) {
        Await.until("it is known", () -> isReachedInATunnel(pod));
      }
      try (MeshPod pod = mesh.addPod(Mesh.NODE_2, "replaced", true);
          AppServer _ = pod.serve(PORT, Services.echo())) {
        Await.until("it is known", () -> isReachedInATunnel(pod));
      }
    }

    @Test
    void serviceFollowsItsEndpoints() throws Exception {
      String yaml =
          """
          apiVersion: v1
          kind: Service
          metadata: {name: moving, namespace: mesh}
          spec:
            clusterIP: 198.19.0.77
            selector: {app: %s}
            ports:
            - {name: tcp, port: 80, targetPort: %d, protocol: TCP}
          """;
      var vip = new InetSocketAddress(InetAddress.ofLiteral("198.19.0.77"), 80);
      try (MeshPod first = mesh.addPod(Mesh.NODE_2, "first", true);
          MeshPod second = mesh.addPod(Mesh.NODE_1, "second", true);
          AppServer one = first.serve(PORT, Services.echo());
          AppServer other = second.serve(PORT, Services.echo())) {
        mesh.apply("moving.yaml", yaml.formatted("first", PORT));
        Await.until("the first serves it", () -> reaches(vip, one));
        mesh.apply("moving.yaml", yaml.formatted("second", PORT));
        Await.until("the second serves it", () -> reaches(vip, other));
        mesh.withdraw("moving.yaml");
      }
    }
  }

  @Nested
  @Order(3)
  final class WithoutControlPlane {
    @Test
    void knownGoesOnAndUnknownIsRefusedUntilItIsBack() throws Exception {
      MeshProcess controlPlane = mesh.processes().controlPlane();
      try (MeshPod known = mesh.addPod(Mesh.NODE_2, "known", true);
          MeshPod unknown = mesh.addPod(Mesh.NODE_2, "unknown", true);
          AppServer _ = known.serve(PORT, Services.echo());
          AppServer server = unknown.serve(PORT, Services.echo())) {
        Await.until("the known pod answers", () -> works(known));
        controlPlane.kill();
        assertThat(works(known)).isTrue();
        assertThat(works(unknown)).isFalse();
        assertThat(server.waitingPeers()).as("nothing reached it").isZero();
        controlPlane.start();
        controlPlane.awaitReady();
        Await.until("the unknown pod answers", () -> works(unknown));
        assertThat(identity(unknown)).contains(mesh.client().identity());
      }
    }
  }

  private static boolean reaches(InetSocketAddress service, AppServer server) throws Exception {
    server.forgetPeers();
    try (AppConnection connection = mesh.client().connect(service)) {
      connection.echo("hello");
      return server.waitingPeers() > 0;
    } catch (IOException _) {
      return false;
    }
  }

  private static boolean works(MeshPod to) {
    try {
      return talk(to).equals("who am I?");
    } catch (IOException _) {
      return false;
    }
  }

  /** The pod's node may know it before the control plane that is asked for it. */
  private static boolean isReachedInATunnel(MeshPod pod) throws Exception {
    return identity(pod).equals(Optional.of(mesh.client().identity()));
  }

  private static Optional<String> identity(MeshPod to) throws Exception {
    return mesh.sourceIdentity(mesh.client().v4(), to, to.at(PORT), () -> talk(to));
  }

  private static String talk(MeshPod to) throws IOException {
    try (AppConnection connection = mesh.client().connect(to.at(PORT))) {
      return connection.echo("who am I?");
    }
  }
}
