// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Nodes: their kernels, their machines, their clocks. */
final class ClusterNodesTest extends ClusterCheckCase {
  @Test
  void oldKernelFails() {
    node("two", "5.4.0-150-generic", "amd64");
    assertFails("node two has kernel 5.4.0-150-generic", "5.15");
  }

  @Test
  void otherArchitectureFails() {
    node("two", "6.1.0", "arm64");
    assertFails("node two is arm64", "nodeSelector");
  }

  @Test
  void clockThatIsAheadIsNamed() {
    lease("one", Instant.now().plusSeconds(90));
    assertWarns("the clock of node one is", "ahead", "NTP");
  }

  @Test
  void clockThatIsBehindIsNamed() {
    lease("one", Instant.now().minusSeconds(600));
    assertWarns("the clock of node one is", "behind", "NTP");
  }

  @Test
  void clockThatAgreesIsNoFinding() {
    lease("one", Instant.now().minusSeconds(8));
    assertThat(check().output()).contains("the clocks of 1 nodes agree");
  }

  @Test
  void nodeOfAnotherSystemIsNoted() {
    cluster.put(
        "nodes",
        """
        apiVersion: v1
        kind: Node
        metadata: {name: two}
        status: {nodeInfo: {operatingSystem: windows, kernelVersion: 10.0.1, architecture: amd64}}
        """);
    assertThat(check().output()).contains("note  node two runs windows: it stays outside");
  }

  private void lease(String node, Instant renewed) {
    cluster.put(
        "leases",
        """
        apiVersion: coordination.k8s.io/v1
        kind: Lease
        metadata: {name: %s, namespace: kube-node-lease}
        spec: {renewTime: "%s"}
        """
            .formatted(node, renewed.toString().replaceFirst("\\.[0-9]+Z", ".000000Z")));
  }
}
