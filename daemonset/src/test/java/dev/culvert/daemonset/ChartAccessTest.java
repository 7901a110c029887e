// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the parts of the mesh may do, in the cluster and on its nodes, and who reaches them. */
final class ChartAccessTest extends ChartCase {
  @Test
  void policiesOpenThePortsThatArePublishedAndNoOthers() {
    List<Manifest> objects = Chart.objects(Chart.render());
    assertThat(openPorts(objects, "culvert-controlplane")).containsExactly("15012", "15014");
    assertThat(openPorts(objects, "ztunnel")).containsExactly("15020", "15021");
    assertThat(objects.stream().filter(object -> object.kind().equals("NetworkPolicy"))).hasSize(2);
  }

  private static List<String> openPorts(List<Manifest> objects, String name) {
    Manifest policy = named(objects, "NetworkPolicy", name);
    assertThat(policy.at("spec").texts("policyTypes")).containsExactly("Ingress");
    assertThat(policy.at("spec", "podSelector", "matchLabels").text("app")).isEqualTo(name);
    return policy.at("spec").all("ingress").stream()
        .flatMap(rule -> rule.all("ports").stream())
        .map(port -> port.text("port"))
        .toList();
  }

  @Test
  void onlyCapabilitiesWithAReasonAreGiven() {
    Map<String, Set<String>> given =
        Chart.objects(Chart.render()).stream()
            .flatMap(object -> object.containers().stream())
            .collect(Collectors.toMap(c -> c.text("name"), ChartAccessTest::capabilities));
    assertThat(given)
        .containsOnly(
            Map.entry("controlplane", Set.of()),
            Map.entry("prepare", Set.of()),
            Map.entry("agent", Set.of("NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE")),
            Map.entry("ztunnel", Set.of("NET_ADMIN", "SYS_ADMIN")));
  }

  @Test
  void everyContainerIsConfined() {
    for (Manifest object : Chart.objects(Chart.render())) {
      for (Manifest container : object.containers()) {
        Manifest security = container.at("securityContext");
        assertThat(security.text("readOnlyRootFilesystem")).isEqualTo("true");
        assertThat(security.text("privileged")).isEqualTo("null");
        assertThat(security.at("capabilities").texts("drop")).containsExactly("ALL");
        assertThat(seccomp(object, container)).isEqualTo("RuntimeDefault");
        assertThat(container.at("resources", "limits").tree().containsKey("memory")).isTrue();
      }
    }
  }

  @Test
  void rulesOfTheControlPlaneStandInItsDocument() throws IOException {
    Path values =
        Files.writeString(
            folder.resolve("values.yaml"),
            """
            controlplane: {settings: {waypoint-image: example/culvert}, signer: example.com/mesh, caSecret: roots, nodeTaint: culvert.dev/agent-not-ready}
            webhook: {enabled: true}
            """);
    Set<String> all = AccessRules.of(Chart.objects(Chart.render(values)), "culvert-controlplane");
    assertThat(all).isEqualTo(AccessRules.documented(Path.of("../docs/controlplane.md")));
    assertThat(AccessRules.of(Chart.objects(Chart.render()), "culvert-controlplane"))
        .as("what only makes waypoints, or has others sign, is not granted before it is asked for")
        .isSubsetOf(all)
        .doesNotContain("patch /nodes")
        .noneMatch(rule -> rule.contains("deployments") || rule.contains("certificates.k8s.io"));
  }

  @Test
  void webhookIsAskedAboutEveryKindThatHasAStatus() throws IOException {
    Path values = Files.writeString(folder.resolve("values.yaml"), "webhook: {enabled: true}");
    List<Manifest> objects = Chart.objects(Chart.render(values));
    Set<String> asked =
        objects.stream()
            .filter(object -> object.kind().equals("ValidatingWebhookConfiguration"))
            .flatMap(object -> object.all("webhooks").stream())
            .flatMap(webhook -> webhook.all("rules").stream())
            .flatMap(
                rule ->
                    rule.texts("apiGroups").stream()
                        .flatMap(
                            group ->
                                rule.texts("resources").stream().map(kind -> group + "/" + kind)))
            .collect(Collectors.toSet());
    Set<String> told =
        AccessRules.of(objects, "culvert-controlplane").stream()
            .filter(rule -> rule.startsWith("patch ") && rule.endsWith("/status"))
            .map(rule -> rule.substring("patch ".length(), rule.length() - "/status".length()))
            .collect(Collectors.toSet());
    // Whether a service is bound to a waypoint is all that is said of these two.
    told.removeAll(Set.of("networking.istio.io/serviceentries"));
    assertThat(asked).isEqualTo(told);
  }

  @Test
  void agentReadsPodsAndTellsOfThemAndMayNothingElse() {
    assertThat(AccessRules.of(Chart.objects(Chart.render()), "culvert-agent"))
        .containsExactlyInAnyOrder(
            "list /pods",
            "watch /pods",
            "list /namespaces",
            "watch /namespaces",
            "patch /pods/status",
            "create /events");
  }

  @Test
  void secretsAreReadWhereTheyAreNamedOnly() throws IOException {
    assertThat(secretRules(Chart.render())).isEmpty();
    Path some = folder.resolve("some.yaml");
    Files.writeString(some, "controlplane: {gatewaySecrets: [shop, bank]}");
    assertThat(secretRules(Chart.render(some))).containsExactly("Role bank", "Role shop");
    Path all = folder.resolve("all.yaml");
    Files.writeString(all, "controlplane: {gatewaySecrets: [\"*\"]}");
    assertThat(secretRules(Chart.render(all))).containsExactly("ClusterRole null");
    assertValid(Chart.objects(Chart.render(all)));
  }

  /** What lets the control plane read Secrets, beside its own one. */
  private static Set<String> secretRules(String rendered) {
    return Chart.objects(rendered).stream()
        .filter(object -> object.kind().matches("(Cluster)?Role"))
        .filter(
            object ->
                object.all("rules").stream()
                    .anyMatch(
                        rule ->
                            rule.texts("resources").contains("secrets")
                                && rule.texts("verbs").contains("list")))
        .map(object -> object.kind() + " " + object.at("metadata").text("namespace"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> capabilities(Manifest container) {
    return new TreeSet<>(container.at("securityContext", "capabilities").texts("add"));
  }

  private static String seccomp(Manifest workload, Manifest container) {
    Manifest own = container.at("securityContext", "seccompProfile");
    Manifest pods = workload.pod().orElseThrow().at("spec", "securityContext", "seccompProfile");
    return (own.tree().isEmpty() ? pods : own).text("type");
  }
}
