// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.CommandRun;
import dev.culvert.cli.install.TestCluster;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusTest {
  @TempDir private Path folder;
  private TestCluster cluster;
  private String kubeconfig;

  @BeforeEach
  void begin() throws IOException {
    cluster = new TestCluster();
    kubeconfig = cluster.kubeconfig(folder).toString();
    cluster.put("nodes", "{apiVersion: v1, kind: Node, metadata: {name: one}}");
    cluster.put(
        "namespaces",
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
        """);
    pod("shop", "web", "web", "True");
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  @Test
  void meshThatIsReadyIsShownNodeByNode() {
    install();
    pod("culvert-system", "culvert-agent-x", "culvert-agent", "True");
    pod("culvert-system", "ztunnel-x", "ztunnel", "True");
    CommandRun run = status();
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(run.output())
        .containsPattern("culvert-controlplane +2/2 +culvert/culvert")
        .containsPattern("one +ready +ready +1");
  }

  @Test
  void nodeWithPodsAndWithoutAProxyIsNotReady() {
    install();
    pod("culvert-system", "culvert-agent-x", "culvert-agent", "True");
    pod("culvert-system", "ztunnel-x", "ztunnel", "False");
    CommandRun run = status();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output()).containsPattern("one +ready +not ready +1");
  }

  @Test
  void proxyThatTakesOverIsReadyBesideOneThatEnds() {
    install();
    pod("culvert-system", "culvert-agent-x", "culvert-agent", "True");
    pod("culvert-system", "ztunnel-new", "ztunnel", "True");
    pod("culvert-system", "ztunnel-old", "ztunnel", "False");
    assertThat(status().output()).containsPattern("one +ready +ready +1");
  }

  @Test
  void policyThatIsNotAcceptedIsAnError() {
    install();
    pod("culvert-system", "culvert-agent-x", "culvert-agent", "True");
    pod("culvert-system", "ztunnel-x", "ztunnel", "True");
    cluster.put(
        "authorizationpolicies",
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: viewer, namespace: shop}
        status:
          conditions: [{type: Accepted, status: "False", reason: Invalid, message: no such action}]
        """);
    CommandRun run = status();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output())
        .contains("AuthorizationPolicy shop/viewer", "Accepted=False Invalid", "no such action");
  }

  @Test
  void whatIsInvalidInAPartIsShownAndNoError() {
    install();
    pod("culvert-system", "culvert-agent-x", "culvert-agent", "True");
    pod("culvert-system", "ztunnel-x", "ztunnel", "True");
    cluster.put(
        "authorizationpolicies",
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: viewer, namespace: shop}
        status:
          conditions:
            - {type: Accepted, status: "True", reason: Accepted, message: in force}
            - {type: PartiallyInvalid, status: "True", reason: X, message: "rules[0] is left out"}
        """);
    CommandRun run = status();
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(run.output()).contains("PartiallyInvalid=True X", "rules[0] is left out");
  }

  @Test
  void routeIsJudgedByOurEntryAndNotByOthers() {
    install();
    String route =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: split, namespace: shop}
        status:
          parents:
            - controllerName: %s
              conditions:
                - {type: ResolvedRefs, status: "False", reason: BackendNotFound, message: no x}
        """;
    cluster.put("httproutes", route.formatted("example.com/controller"));
    assertThat(status().output()).doesNotContain("BackendNotFound");
    cluster.put("httproutes", route.formatted("culvert.dev/mesh-controller"));
    CommandRun run = status();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output()).contains("HTTPRoute shop/split", "ResolvedRefs=False BackendNotFound");
  }

  @Test
  void waypointThatIsNotProgrammedIsAnError() {
    install();
    cluster.put(
        "gateways",
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: waypoint, namespace: shop}
        spec: {gatewayClassName: culvert-waypoint}
        status:
          conditions: [{type: Programmed, status: "False", message: no pod is ready}]
        """);
    CommandRun run = status();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output()).containsPattern("shop/waypoint +False +no pod is ready");
  }

  @Test
  void clusterWithoutCulvertSaysSo() {
    CommandRun run = status();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output()).contains("Culvert is not installed in culvert-system");
  }

  private void install() {
    CommandRun.of("install", "--kubeconfig", kubeconfig);
  }

  private CommandRun status() {
    return CommandRun.of("status", "--kubeconfig", kubeconfig);
  }

  private void pod(String namespace, String name, String app, String ready) {
    cluster.put(
        "pods",
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: %s, labels: {app: %s}}
        spec: {nodeName: one}
        status: {conditions: [{type: Ready, status: "%s"}]}
        """
            .formatted(name, namespace, app, ready));
  }
}
