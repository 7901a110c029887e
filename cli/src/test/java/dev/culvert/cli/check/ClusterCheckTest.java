// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.CommandRun;
import dev.culvert.cli.install.TestCluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterCheckTest {
  @TempDir private Path folder;
  private TestCluster cluster;
  private String kubeconfig;

  @BeforeEach
  void begin() throws IOException {
    cluster = new TestCluster();
    kubeconfig = cluster.kubeconfig(folder).toString();
    node("one", "6.1.0-18-amd64", "amd64");
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  @Test
  void installedMeshHasNothingThatFails() {
    cluster.installGroup("policy.culvert.dev");
    cluster.installGroup("gateway.networking.k8s.io");
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    CommandRun run = check();
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(run.output())
        .contains("Kubernetes v1.36.1")
        .contains("1 nodes, each can carry the mesh")
        .contains("policy.culvert.dev is installed")
        .contains("ztunnel: 2 ready")
        .doesNotContain("FAIL", "WARN");
  }

  @Test
  void oldKubernetesFails() {
    cluster.setVersion("v1.29.3");
    assertFails("Kubernetes v1.29.3 is too old", "upgrade it to 1.31");
  }

  @Test
  void versionThatIsNoneIsWarnedOf() {
    cluster.setVersion("v0.0.0-master");
    assertWarns("gives 'v0.0.0-master' as its version", "1.31");
  }

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
  void partThatIsNotReadyFails() {
    cluster.holdRollouts();
    CommandRun.of("install", "--kubeconfig", kubeconfig, "--no-wait");
    assertFails("culvert-controlplane: 0 of 2 ready", "describe pods -l app=culvert-controlplane");
  }

  @Test
  void rootThatIsNoneFails() {
    cluster.put(
        "configmaps",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: culvert-ca-root-cert, namespace: culvert-system}
        data: {root-cert.pem: ""}
        """);
    assertFails("has no root", "restart the control plane");
  }

  @Test
  void kindsThatAreNotInstalledAreTold() {
    assertWarns("policy.culvert.dev is not installed", "crds.install=true");
    assertThat(check().output()).contains("note  the Gateway API is not installed");
    cluster.installGroup("security.istio.io");
    assertThat(check().output()).contains("note  security.istio.io is installed");
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

  @Test
  void cniIsKnownByItsNameAndLinkerdIsNoted() {
    assertThat(check().output()).contains("note  no CNI that is known by name");
    daemonSet("kube-system", "kindnet");
    daemonSet("linkerd-cni", "linkerd-cni");
    assertThat(check().output()).contains("ok    the CNI is kindnet", "note  Linkerd is installed");
  }

  @Test
  void rootsAreJudgedByTheirEnds() throws Exception {
    root(Instant.now().minusSeconds(60));
    assertFails("the root CN=mesh has ended at", "docs/controlplane.md");
    root(Instant.now().plusSeconds(86_400));
    assertWarns("the root CN=mesh ends at", "docs/controlplane.md");
    root(Instant.now().plusSeconds(40 * 86_400));
    assertThat(check().output()).contains("ok    the root CN=mesh is valid until");
  }

  @Test
  void rootThatIsNoCertificateFails() {
    root("-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----");
    assertFails("the mesh's roots could not be looked at");
  }

  private void root(Instant end) throws Exception {
    KeyPair keys = KeyPairGenerator.getInstance("EC").generateKeyPair();
    X500Name name = new X500Name("CN=mesh");
    byte[] certificate =
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(Instant.EPOCH),
                Date.from(end),
                name,
                keys.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
            .getEncoded();
    root(
        "-----BEGIN CERTIFICATE-----\\n%s\\n-----END CERTIFICATE-----"
            .formatted(Base64.getEncoder().encodeToString(certificate)));
  }

  private void root(String pem) {
    cluster.put(
        "configmaps",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: culvert-ca-root-cert, namespace: culvert-system}
        data: {root-cert.pem: "%s"}
        """
            .formatted(pem));
  }

  @Test
  void partsOfTwoImagesAreTold() {
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    HasMetadata ztunnel = cluster.get("daemonsets", "culvert-system", "ztunnel");
    GenericKubernetesResource other = (GenericKubernetesResource) ztunnel;
    String text =
        Serialization.asJson(other).replaceAll("\"image\":\"[^\"]+\"", "\"image\":\"old:1\"");
    cluster.put("daemonsets", Serialization.unmarshal(text, GenericKubernetesResource.class));
    assertWarns("its parts are of different images:", "old:1", "culvert upgrade");
  }

  @Test
  void clusterThatDoesNotAnswerIsAskedForNothingMore() {
    cluster.close();
    CommandRun run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output())
        .containsOnlyOnce("FAIL")
        .contains(
            "the API server could not be looked at, and nothing else is",
            "where the kubeconfig says");
  }

  @Test
  void clusterThatFailsOneRequestIsAskedForTheOthers() {
    cluster.refuse("leases");
    CommandRun run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output())
        .containsOnlyOnce("FAIL")
        .contains("the nodes' clocks could not be looked at", "Culvert is not installed");
  }

  private CommandRun check() {
    return CommandRun.of("check", "--cluster", "--kubeconfig", kubeconfig);
  }

  private void assertFails(String... parts) {
    CommandRun run = check();
    assertThat(run.code()).as(run.output()).isEqualTo(1);
    assertThat(run.output()).contains("FAIL").contains(parts);
  }

  private void assertWarns(String... parts) {
    CommandRun run = check();
    assertThat(run.output()).contains("WARN").contains(parts);
    assertThat(run.code()).as(run.output()).isZero();
  }

  private void node(String name, String kernel, String architecture) {
    cluster.put(
        "nodes",
        """
        apiVersion: v1
        kind: Node
        metadata: {name: %s}
        status: {nodeInfo: {operatingSystem: linux, kernelVersion: %s, architecture: %s}}
        """
            .formatted(name, kernel, architecture));
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

  private void namespace(String name, String mode) {
    cluster.put(
        "namespaces",
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: %s, labels: {culvert.dev/dataplane-mode: %s}}
        """
            .formatted(name, mode));
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

  private void daemonSet(String namespace, String name) {
    cluster.put(
        "daemonsets",
        """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: %s, namespace: %s}
        spec: {}
        """
            .formatted(name, namespace));
  }
}
