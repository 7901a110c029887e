// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.agent.source.TestApi;
import dev.culvert.agent.zds.ScriptedZtunnel;
import org.junit.jupiter.api.Test;

/** Which pods start, and when, where an agent runs. */
final class CniAddTest extends CniCase {
  @Test
  void podStartsOnceItIsInTheMesh() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      assertStartsOnceTaken(ztunnel, this::add);
      writePod(podAddress());
      assertThat(call("CHECK").exit()).isZero();
    }
  }

  @Test
  void podThatAnApiServerNamesStartsOnceItIsInTheMesh() throws Exception {
    try (TestApi api = new TestApi()) {
      api.put(
          "namespaces",
          "shop",
          """
          {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","resourceVersion":"$VERSION",
           "labels":{"culvert.dev/dataplane-mode":"ambient"}}}""");
      api.put(
          "pods",
          "web",
          """
          {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop","uid":"%s",
           "resourceVersion":"$VERSION"},"spec":{"nodeName":"one"},"status":{"phase":"Pending"}}"""
              .formatted(UID));
      node.startFrom(api.kubeconfig(folder));
      try (ScriptedZtunnel ztunnel = node.ztunnel()) {
        assertStartsOnceTaken(ztunnel, this::add);
      }
    }
  }

  @Test
  void podWithoutZtunnelDoesNotStart() throws Exception {
    enrolNamespace();
    writePod("");
    node.start();
    CniShim.Result added = call("ADD");
    assertThat(added.exit()).isOne();
    assertThat(added.output()).contains("\"code\":11", "shop/web is not in the mesh");
    assertThat(call("CHECK").output()).contains("\"code\":101");
    assertThat(call("DEL")).isEqualTo(new CniShim.Result(0, ""));
  }

  @Test
  void podThatIsNotOfTheMeshStartsAtOnce() throws Exception {
    writePod("");
    node.start();
    assertThat(call("ADD")).isEqualTo(new CniShim.Result(0, previous));
  }

  @Test
  void unknownPodOfOtherNamespaceStarts() throws Exception {
    node.write("shop.yaml", SHOP.formatted("none"));
    node.start();
    assertThat(call("ADD")).isEqualTo(new CniShim.Result(0, previous));
  }

  @Test
  void unknownPodOfEnrolledNamespaceWaits() throws Exception {
    enrolNamespace();
    node.start();
    assertThat(call("ADD").output()).contains("\"code\":11", "source does not name it yet");
  }

  /** Such as of nerdctl on a node of a cluster. */
  @Test
  void containerThatIsNoPodStartsAtOnceWithAndWithoutAnAgent() throws Exception {
    CniShim.Result started = new CniShim.Result(0, previous);
    assertThat(addWith("IgnoreUnknown=1")).as("before any agent").isEqualTo(started);
    node.start();
    assertThat(addWith("IgnoreUnknown=1")).isEqualTo(started);
    assertThat(addWith("K8S_POD_NAME=web").output())
        .contains("\"code\":4", "K8S_POD_NAMESPACE in CNI_ARGS is missing");
    node.stop();
    assertThat(addWith("K8S_POD_NAME=web").output()).contains("\"code\":11");
  }
}
