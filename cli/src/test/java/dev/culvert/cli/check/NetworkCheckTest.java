// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What else is in the network: policies, CNIs, other meshes. */
final class NetworkCheckTest extends ClusterCheckCase {
  @Test
  void networkPolicyWithoutThePortIsNamed() {
    namespace("shop", "ambient");
    policy("shop", "ingress: [{ports: [{port: 80}]}]");
    assertWarns("NetworkPolicy shop/web does not let connections to its pods", "15008", "ingress");
  }

  @Test
  void networkPolicyWithThePortInARangeIsNoFinding() {
    namespace("shop", "ambient");
    policy("shop", "ingress: [{ports: [{port: 15000, endPort: 15010}]}]");
    assertThat(check().output()).contains("NetworkPolicies of 1 namespaces");
  }

  @Test
  void networkPolicyOfAnotherNamespaceIsNoFinding() {
    namespace("shop", "none");
    policy("shop", "ingress: []");
    assertThat(check().output()).doesNotContain("NetworkPolicy shop/web");
  }

  @Test
  void networkPolicyThatHoldsEgressBackIsNamed() {
    namespace("shop", "ambient");
    policy("shop", "policyTypes: [Egress], egress: [{ports: [{port: 443}]}]");
    assertWarns("connections from its pods", "15008", "egress");
  }

  @Test
  void ciliumThatRemovesOtherPluginsFails() {
    daemonSet("kube-system", "cilium");
    assertFails("cni-exclusive", "cni.exclusive=false");
  }

  @Test
  void ciliumThatBalancesAtTheSocketIsNamed() {
    daemonSet("kube-system", "cilium");
    cluster.put(
        "configmaps",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: cilium-config, namespace: kube-system}
        data: {cni-exclusive: "false", kube-proxy-replacement: "true"}
        """);
    assertWarns("socket balancer", "socketLB.hostNamespaceOnly=true");
  }

  @Test
  void istioBesideItIsNamed() {
    daemonSet("istio-system", "istio-cni-node");
    assertWarns("Istio ambient is installed in istio-system", "docs/migration.md");
  }

  @Test
  void cniIsKnownByItsNameAndLinkerdIsNoted() {
    assertThat(check().output()).contains("note  no CNI that is known by name");
    daemonSet("kube-system", "kindnet");
    daemonSet("linkerd-cni", "linkerd-cni");
    assertThat(check().output()).contains("ok    the CNI is kindnet", "note  Linkerd is installed");
  }

  private void policy(String namespace, String spec) {
    cluster.put(
        "networkpolicies",
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web, namespace: %s}
        spec: {podSelector: {}, %s}
        """
            .formatted(namespace, spec));
  }
}
