// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.nodes;

import static dev.culvert.controlplane.peers.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.source.kubernetes.KubernetesSource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** New nodes of an API server, and what becomes of their taint. */
@Timeout(60)
class NodeTaintsTest {
  private static final String TAINT = "culvert.dev/agent-not-ready";
  private static final String NODE =
      """
      apiVersion: v1
      kind: Node
      metadata: {name: %s}
      spec:
        podCIDR: 198.18.7.0/24
        taints: [{key: other, value: x, effect: NoSchedule}, {key: culvert.dev/agent-not-ready, effect: NoExecute}]
      """;
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: %1$s-%2$s, namespace: %3$s, labels: {app: %1$s}}
      spec: {nodeName: %2$s, containers: [{name: app, image: app}]}
      status: {phase: Running, conditions: [{type: Ready, status: "%4$s"}]}
      """;

  /** What the chart allows where controlplane.nodeTaint is set. */
  private static final String ROLE =
      """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: culvert-controlplane}
      rules: [{apiGroups: [""], resources: [nodes], verbs: [list, watch, patch]}]
      """;

  private ApiServer server;
  private KubernetesClient client;
  private KubernetesClient bound;
  private NodeTaints taints;
  private KubernetesSource source;
  private volatile boolean leads = true;

  @BeforeEach
  void open() throws Exception {
    server = new ApiServer();
    client = server.client();
    server.apply(NODE.formatted("one"));
    server.apply(NODE.formatted("two"));
    server.apply(ROLE);
    server.bind("controlplane", "culvert-controlplane");
    bound = server.client("controlplane");
    taints = new NodeTaints(bound, TAINT, "culvert-system", () -> leads);
    source =
        KubernetesSource.start(
            client,
            new KubernetesSource.Pace(Duration.ofMillis(5), Duration.ofSeconds(5)),
            List.of(),
            _ -> {},
            taints);
  }

  @AfterEach
  void close() {
    source.close();
    taints.close();
    client.close();
    bound.close();
    server.close();
  }

  private void part(String app, String node, boolean ready) {
    server.apply(POD.formatted(app, node, "culvert-system", ready ? "True" : "False"));
  }

  private void ready(String node) {
    part("culvert-agent", node, true);
    part("ztunnel", node, true);
  }

  private GenericKubernetesResource node(String name) {
    return server.find("v1", "nodes", name).orElseThrow();
  }

  private boolean isTainted(String node) {
    List<Map<String, Object>> all = node(node).get("spec", "taints");
    return all.stream().anyMatch(one -> one.get("key").equals(TAINT));
  }

  @Test
  void nodeWithReadyAgentAndZtunnelLosesItAndNothingElse() throws Exception {
    ready("one");
    await(() -> !isTainted("one"));
    List<Map<String, Object>> others = node("one").get("spec", "taints");
    assertThat(others)
        .containsExactly(Map.of("key", "other", "value", "x", "effect", "NoSchedule"));
    assertThat(node("one").<String>get("spec", "podCIDR")).isEqualTo("198.18.7.0/24");
    assertThat(isTainted("two")).isTrue();
    assertThat(server.forbidden()).isEmpty();
  }

  @Test
  void nodeKeepsItWhileOneOfTheTwoIsNotReady() throws Exception {
    part("culvert-agent", "one", true);
    part("ztunnel", "one", false);
    ready("two");
    await(() -> !isTainted("two"));
    taints.run();
    assertThat(isTainted("one")).isTrue();
    part("ztunnel", "one", true);
    await(() -> !isTainted("one"));
  }

  @Test
  void podsOfThatNameElsewhereDoNotCount() throws Exception {
    server.apply(POD.formatted("culvert-agent", "one", "shop", "True"));
    server.apply(POD.formatted("ztunnel", "one", "shop", "True"));
    ready("two");
    await(() -> !isTainted("two"));
    taints.run();
    assertThat(isTainted("one")).isTrue();
  }

  @Test
  void podThatIsGoneDoesNotCount() throws Exception {
    part("culvert-agent", "one", true);
    ready("two");
    await(() -> !isTainted("two"));
    server.delete("v1", "pods", "culvert-system", "culvert-agent-one");
    part("ztunnel", "one", true);
    // Both are heard of in one order by watches of one kind.
    part("ztunnel", "three", true);
    server.apply(NODE.formatted("three"));
    part("culvert-agent", "three", true);
    await(() -> !isTainted("three"));
    taints.run();
    assertThat(isTainted("one")).isTrue();
  }

  @Test
  void replicaThatDoesNotLeadLeavesItUntilItDoes() throws Exception {
    leads = false;
    ready("one");
    await(() -> server.find("v1", "pods", "culvert-system", "ztunnel-one").isPresent());
    taints.run();
    assertThat(isTainted("one")).isTrue();
    leads = true;
    await(
        () -> {
          taints.run();
          return !isTainted("one");
        });
  }

  @Test
  void whatAnotherWritesMeanwhileStays() throws Exception {
    server.beforePatches(
        () -> {
          server.beforePatches(() -> {});
          server.apply(
              NODE.formatted("one").replace("key: other, value: x", "key: cordoned, value: y"));
        });
    ready("one");
    await(() -> !isTainted("one"));
    assertThat(node("one").<Object>get("spec", "taints").toString()).contains("cordoned");
  }

  @Test
  void refusalNamesTheNodeAndIsTriedAgain() throws Exception {
    server.refuseWrites("nodes", 403);
    ready("one");
    await(
        () -> {
          try {
            taints.run();
            return false;
          } catch (RuntimeException refused) {
            assertThat(refused).hasMessageContaining("node one: taint " + TAINT);
            return true;
          }
        });
    assertThatThrownBy(taints::run).hasMessageContaining("cannot be taken away");
    server.accept("nodes");
    taints.run();
    assertThat(isTainted("one")).isFalse();
  }

  @Test
  void nodeThatIsTaintedAgainLosesItAgain() throws Exception {
    ready("one");
    await(() -> !isTainted("one"));
    server.apply(NODE.formatted("one"));
    await(() -> !isTainted("one"));
  }
}
