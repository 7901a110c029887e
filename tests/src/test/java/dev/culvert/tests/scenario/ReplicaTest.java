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
import dev.culvert.tests.mesh.ReplicatedMesh;
import dev.culvert.tests.mesh.Root;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * Of two control planes the one that every proxy is connected to, and that leads, is lost. Traffic
 * flows meanwhile; what changes afterwards comes from the other. Each takes up what the one before
 * it left.
 */
@Root
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ReplicaTest {
  private static final int PORT = 8600;

  /** Renewed after half of it: while a replica is lost, each identity asks for another. */
  private static final Map<String, String> TIMES = Map.of("certificate-ttl", "60s");

  private static ReplicatedMesh replicas;
  private static Mesh mesh;

  @BeforeAll
  static void start() throws Exception {
    replicas = ReplicatedMesh.start("auto", TIMES);
    mesh = replicas.mesh();
  }

  @AfterAll
  static void stop() throws Exception {
    if (replicas != null) {
      replicas.close();
    }
  }

  @Test
  @Order(1)
  void killedReplicaIsNotMissed() throws Exception {
    MeshProcess first = replicas.first();
    whileTrafficFlows(
        () -> {
          first.kill();
          otherReplicaTakesOver("killed");
          first.start();
          first.awaitReady();
        });
  }

  /** Its sockets stay, and the kernel acknowledges what it is sent. */
  @Test
  @Order(2)
  void silentReplicaIsNotMissed() throws Exception {
    MeshProcess second = replicas.second();
    whileTrafficFlows(
        () -> {
          second.stop();
          try {
            otherReplicaTakesOver("silent");
          } finally {
            second.resume();
          }
        });
  }

  @FunctionalInterface
  private interface Loss {
    void happen() throws Exception;
  }

  private static void whileTrafficFlows(Loss loss) throws Exception {
    try (AppServer _ = mesh.server().serve(PORT, Services.echo());
        AppConnection open = mesh.client().connect(mesh.server().at(PORT));
        Load load = new Load()) {
      Await.until("traffic flows", () -> talk(mesh.server()).equals("who am I?"));
      load.begin("new connections", () -> talk(mesh.server()));
      load.begin("one that stays", () -> open.echo("still here"));
      load.awaitMore(20);
      loss.happen();
      load.awaitMore(20);
      load.stop();
      assertThat(load.failures()).isEmpty();
    }
  }

  private static void otherReplicaTakesOver(String name) throws Exception {
    String certificate = ConfigDump.serial(mesh.client());
    try (MeshPod pod = replicas.addPod(Mesh.NODE_2, name);
        AppServer _ = pod.serve(PORT, Services.echo())) {
      Await.until("the new pod is known, and has a certificate", () -> isReached(pod));
      replicas.api().apply(denied(name));
      Await.until("the policy holds", () -> isRefused(pod));
    }
    Await.until("another certificate", () -> !ConfigDump.serial(mesh.client()).equals(certificate));
    replicas.api().apply(waypoint(name));
    Await.until("the policy has a status", () -> isAccepted(name));
    Await.until(
        "a waypoint is made",
        () -> replicas.api().find("apps/v1", "deployments", Mesh.NAMESPACE, name).isPresent());
  }

  private static String denied(String app) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: %1$s, namespace: %2$s}
    spec:
      selector: {matchLabels: {app: %1$s}}
      action: DENY
      rules: [{}]
    """
        .formatted(app, Mesh.NAMESPACE);
  }

  private static String waypoint(String name) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: %s, namespace: %s, uid: uid-%1$s}
    spec:
      gatewayClassName: culvert-waypoint
      listeners: [{name: mesh, port: 15008, protocol: HBONE}]
    """
        .formatted(name, Mesh.NAMESPACE);
  }

  private static boolean isAccepted(String policy) {
    return replicas
        .api()
        .find("policy.culvert.dev/v1alpha1", "authorizationpolicies", Mesh.NAMESPACE, policy)
        .map(object -> String.valueOf(object.<Object>get("status", "conditions")))
        .filter(conditions -> conditions.contains("Accepted"))
        .isPresent();
  }

  /** Through a tunnel, both ends proved: a pod that is not known would get plain bytes. */
  private static boolean isReached(MeshPod pod) throws Exception {
    return mesh.sourceIdentity(mesh.client().v4(), pod, pod.at(PORT), () -> talk(pod))
        .equals(Optional.of(mesh.client().identity()));
  }

  private static boolean isRefused(MeshPod pod) {
    try {
      return talk(pod).isEmpty();
    } catch (IOException _) {
      return true;
    }
  }

  private static String talk(MeshPod to) throws IOException {
    try (AppConnection connection = mesh.client().connect(to.at(PORT))) {
      return connection.echo("who am I?");
    }
  }
}
