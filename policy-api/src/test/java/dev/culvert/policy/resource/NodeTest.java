// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

/** Nodes. */
final class NodeTest {
  @Test
  void nodeAddresses() {
    NodeResource node =
        Yaml.read(
            NodeResource.class,
            """
            apiVersion: v1
            kind: Node
            metadata: {name: node1, labels: {topology.kubernetes.io/zone: a}}
            status:
              addresses:
              - {type: Hostname, address: node1}
              - {type: InternalIP, address: 198.18.0.1}
              - {type: InternalIP, address: "fd00:c01::1"}
            """);

    assertThat(node.internalIps())
        .containsExactly(InetAddress.ofLiteral("198.18.0.1"), InetAddress.ofLiteral("fd00:c01::1"));
    assertThat(node.key()).isEqualTo(new ResourceKey("Node", "", "node1"));
  }
}
