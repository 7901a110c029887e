// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.PodEdit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Which endpoint of a service is taken: the neighbour is on the client's node and zone, the server
 * on the other ones.
 */
abstract class EndpointScenarios {
  private static final String FILE = "endpoints.yaml";
  private static final PodEdit BEHIND = PodEdit.label("behind", "both");
  private static final int PORT = 8500;
  private static final String NEAR = "n";
  private static final String FAR = "f";

  private final Mesh mesh;
  private final InetSocketAddress service;
  private final InetSocketAddress other;

  EndpointScenarios(Mesh mesh) {
    this.mesh = mesh;
    this.service = new InetSocketAddress(mesh.nextServiceAddress(), 80);
    this.other = new InetSocketAddress(mesh.nextServiceAddress(), 80);
  }

  @AfterEach
  void podsAreAsTheyWere() throws IOException {
    mesh.withdraw(FILE);
    mesh.describe(mesh.neighbour(), true);
    mesh.describe(mesh.server(), true);
  }

  @Test
  void targetPortByNameIsEachPodsOwn() throws Exception {
    mesh.describe(mesh.neighbour(), true, BEHIND, PodEdit.port("web", PORT));
    mesh.describe(mesh.server(), true, BEHIND, PodEdit.port("web", PORT + 1));
    apply(service(service, "targetPort: web", ""));
    try (AppServer _ = mesh.neighbour().serve(PORT, Services.greet(NEAR));
        AppServer _ = mesh.server().serve(PORT + 1, Services.greet(FAR))) {
      Await.until("both answer, and nobody else is asked", () -> answering().equals(both()));
    }
  }

  @Test
  void unreadyPodIsTakenByTheServiceThatPublishesItOnly() throws Exception {
    mesh.describe(mesh.server(), true, BEHIND);
    apply(
        service(service, "targetPort: 8500", "publishNotReadyAddresses: true")
            + service(other, "targetPort: 8500", ""));
    try (AppServer _ = mesh.server().serve(PORT, Services.greet(FAR))) {
      Await.until("both are known", () -> answers(service, FAR) && answers(other, FAR));
      mesh.describe(mesh.server(), true, BEHIND, PodEdit.unready());
      Await.until("the other does not take it", () -> answers(other, Greetings.NOBODY));
      assertThat(Greetings.of(mesh.client(), service)).isEqualTo(FAR);
    }
  }

  @Test
  void localPolicyNeverLeavesTheNode() throws Exception {
    mesh.describe(mesh.neighbour(), true, BEHIND);
    mesh.describe(mesh.server(), true, BEHIND);
    try (AppServer near = mesh.neighbour().serve(PORT, Services.greet(NEAR));
        AppServer far = mesh.server().serve(PORT, Services.greet(FAR))) {
      apply(service(service, "targetPort: 8500", "internalTrafficPolicy: Local"));
      Await.until("it is known", () -> answers(service, NEAR));
      assertThat(Greetings.count(mesh.client(), service, 20)).isEqualTo(Map.of(NEAR, 20));
      mesh.describe(mesh.neighbour(), true);
      Await.until("nobody is left on the node", () -> answers(service, Greetings.NOBODY));
      assertThat(far.waitingPeers()).isZero();
      assertThat(near.waitingPeers()).isGreaterThan(20);
    }
  }

  @Test
  void nearZoneGoesFirstAndTheFarOneServesWhenItIsGone() throws Exception {
    mesh.describe(mesh.neighbour(), true, BEHIND);
    mesh.describe(mesh.server(), true, BEHIND);
    try (AppServer _ = mesh.neighbour().serve(PORT, Services.greet(NEAR));
        AppServer _ = mesh.server().serve(PORT, Services.greet(FAR))) {
      apply(service(service, "targetPort: 8500", ""));
      Await.until("both answer without a preference", () -> answering().equals(both()));
      apply(service(service, "targetPort: 8500", "trafficDistribution: PreferSameZone"));
      Await.until("the near one goes first", () -> answering().equals(Set.of(NEAR)));
      mesh.describe(mesh.neighbour(), true, BEHIND, PodEdit.unready());
      Await.until("the far one serves", () -> answering().equals(Set.of(FAR)));
    }
  }

  @Test
  void endpointsShareAsTheyAreWeighted() throws Exception {
    try (MeshPod heavy = mesh.addHost(Mesh.NODE_2, "heavy");
        MeshPod light = mesh.addHost(Mesh.NODE_2, "light");
        MeshPod empty = mesh.addHost(Mesh.NODE_2, "empty");
        AppServer _ = heavy.serve(PORT, Services.greet("h"));
        AppServer _ = light.serve(PORT, Services.greet("l"));
        AppServer _ = empty.serve(PORT, Services.greet("e"))) {
      mesh.apply(FILE, weighted(heavy, light, empty));
      mesh.client().awaitService("weighted.example");
      Await.until("it is known", () -> !answers(service, Greetings.NOBODY));
      Map<String, Integer> counts = Greetings.count(mesh.client(), service, 200);
      // Of 200, 150 ± 6 are expected.
      assertThat(counts.keySet()).containsExactly("h", "l");
      assertThat(counts.get("h")).isBetween(110, 190);
    }
  }

  private String weighted(MeshPod heavy, MeshPod light, MeshPod empty) {
    return """
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: weighted, namespace: mesh}
    spec:
      hosts: [weighted.example]
      addresses: [%s]
      resolution: STATIC
      ports: [{number: 80, name: tcp, protocol: TCP, targetPort: 8500}]
      endpoints:
      - {address: %s, weight: 3}
      - {address: %s, weight: 1}
      - {address: %s, weight: 0}
    """
        .formatted(service.getAddress().getHostAddress(), ip(heavy), ip(light), ip(empty));
  }

  private static String ip(MeshPod pod) {
    return pod.v4().getHostAddress();
  }

  private Set<String> answering() {
    return Greetings.count(mesh.client(), service, 20).keySet();
  }

  private boolean answers(InetSocketAddress service, String expected) {
    return Greetings.of(mesh.client(), service).equals(expected);
  }

  private static Set<String> both() {
    return Set.of(NEAR, FAR);
  }

  private void apply(String yaml) throws IOException, InterruptedException {
    mesh.apply(FILE, yaml);
    mesh.client().awaitService(name(service) + ".mesh.svc.cluster.local");
  }

  private static String name(InetSocketAddress address) {
    return "at-" + address.getAddress().getHostAddress().replace('.', '-');
  }

  private static String service(InetSocketAddress address, String port, String field) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: mesh}
    spec:
      clusterIP: %s
      selector: {behind: both}
      ports: [{name: tcp, port: 80, %s}]
      %s
    """
        .formatted(name(address), address.getAddress().getHostAddress(), port, field);
  }
}
