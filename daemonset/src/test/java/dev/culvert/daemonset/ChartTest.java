// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChartTest {
  /** Every value of the chart as nobody has it by default. */
  private static final Path CHANGED =
      Path.of("src/test/resources/dev/culvert/daemonset/every-value-changed.yaml");

  private static final Path INSTALL = Path.of("install.yaml");

  @TempDir private Path folder;

  @Test
  void defaultsAreValid() {
    assertValid(Chart.objects(Chart.render()));
  }

  @Test
  void everyValueChangedIsValid() throws IOException {
    assertThat(Values.read(CHANGED).byPath().keySet())
        .containsExactlyInAnyOrderElementsOf(Values.read(Chart.VALUES).byPath().keySet());
    assertThat(Values.read(CHANGED).sameAs(Values.read(Chart.VALUES))).isEmpty();

    assertValid(Chart.objects(Chart.render(CHANGED)));
  }

  @Test
  void everyValueHasAnEffect() throws IOException {
    Values defaults = Values.read(Chart.VALUES);
    for (String path : defaults.byPath().keySet()) {
      Values changed =
          switch (path) {
            // A digest wins over the tag, and a signer does not go without the Secret.
            case "image.tag" -> Values.read(CHANGED).with("image.digest", defaults);
            case "controlplane.caSecret" ->
                Values.read(CHANGED).with("controlplane.signer", defaults);
            // Nor a deadline without the time for it.
            case "ztunnel.terminationGracePeriodSeconds" ->
                Values.read(CHANGED).with("ztunnel.drainDeadline", defaults);
            default -> Values.read(CHANGED);
          };
      String with = Chart.render(changed.write(folder));
      String without = Chart.render(changed.with(path, defaults).write(folder));
      assertThat(without).as(path).isNotEqualTo(with);
    }
  }

  @Test
  void misspeltValueIsRefusedByName() throws IOException {
    Path misspelt = Files.writeString(folder.resolve("values.yaml"), "ztunnel: {drainDeadlin: 5m}");
    assertThatThrownBy(() -> Chart.render(misspelt)).hasMessageContaining("drainDeadlin");
  }

  @Test
  void valueOfTheWrongFormIsRefusedByName() throws IOException {
    Path wrong = Files.writeString(folder.resolve("values.yaml"), "mesh: {certificateTtl: soon}");
    assertThatThrownBy(() -> Chart.render(wrong)).hasMessageContaining("certificateTtl");
  }

  @Test
  void signerWithoutItsRootsIsRefused() throws IOException {
    Path rootless =
        Files.writeString(folder.resolve("values.yaml"), "controlplane: {signer: a.example/mesh}");
    assertThatThrownBy(() -> Chart.render(rootless)).hasMessageContaining("root-cert.pem");
  }

  @Test
  void deadlineThatKubernetesDoesNotWaitForIsRefused() throws IOException {
    Map<String, Integer> seconds = Map.of("10m", 600, "330s", 330, "1h", 3600, "1d", 86_400);
    for (Map.Entry<String, Integer> each : seconds.entrySet()) {
      Path late = ztunnel(each.getKey(), each.getValue());
      assertThatThrownBy(() -> Chart.render(late))
          .hasMessageContaining(
              "ztunnel.terminationGracePeriodSeconds is %d and must be more than ztunnel.drainDeadline, %s"
                  .formatted(each.getValue(), each.getKey()));
      assertValid(Chart.objects(Chart.render(ztunnel(each.getKey(), each.getValue() + 1))));
    }
    assertValid(Chart.objects(Chart.render(ztunnel("999ms", 1))));
  }

  private Path ztunnel(String deadline, int grace) throws IOException {
    return Files.writeString(
        folder.resolve("ztunnel.yaml"),
        "ztunnel: {drainDeadline: %s, terminationGracePeriodSeconds: %d}"
            .formatted(deadline, grace));
  }

  @Test
  void proxiesHandOverAndAgentsExcludeEachOther() {
    List<Manifest> objects = Chart.objects(Chart.render());
    Manifest ztunnel = update(objects, "ztunnel");
    assertThat(ztunnel.text("maxSurge")).isEqualTo("10%");
    assertThat(ztunnel.text("maxUnavailable")).isEqualTo("0");
    Manifest agent = update(objects, "culvert-agent");
    assertThat(agent.text("maxSurge")).as("two would fight for the socket").isEqualTo("null");
    assertThat(agent.text("maxUnavailable")).isEqualTo("10%");
  }

  private static Manifest update(List<Manifest> objects, String daemonSet) {
    return named(objects, "DaemonSet", daemonSet).at("spec", "updateStrategy", "rollingUpdate");
  }

  private static Manifest named(List<Manifest> objects, String kind, String name) {
    return objects.stream()
        .filter(object -> object.kind().equals(kind) && object.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatANodeNeedsIsEvictedLast() {
    List<Manifest> objects = Chart.objects(Chart.render());
    assertThat(priority(objects, "DaemonSet", "culvert-agent")).isEqualTo("system-node-critical");
    assertThat(priority(objects, "DaemonSet", "ztunnel")).isEqualTo("system-node-critical");
    assertThat(priority(objects, "Deployment", "culvert-controlplane"))
        .isEqualTo("system-cluster-critical");
  }

  /** Some clusters admit critical pods only in a namespace with a quota for them. */
  @Test
  void quotaIsForCriticalPodsOnlyAndOff() throws IOException {
    assertThat(Chart.objects(Chart.render()))
        .noneMatch(object -> object.kind().equals("ResourceQuota"));
    Path on = Files.writeString(folder.resolve("values.yaml"), "resourceQuota: {enabled: true}");
    Manifest quota =
        named(Chart.objects(Chart.render(on)), "ResourceQuota", "culvert-critical-pods");
    assertThat(quota.at("spec", "scopeSelector").all("matchExpressions"))
        .singleElement()
        .satisfies(
            scope ->
                assertThat(scope.texts("values"))
                    .containsExactly("system-node-critical", "system-cluster-critical"));
  }

  private static String priority(List<Manifest> objects, String kind, String name) {
    return named(objects, kind, name).pod().orElseThrow().at("spec").text("priorityClassName");
  }

  @Test
  void drainOfANodeLeavesAControlPlane() throws IOException {
    Manifest budget =
        named(Chart.objects(Chart.render()), "PodDisruptionBudget", "culvert-controlplane");
    assertThat(budget.at("spec").text("minAvailable")).isEqualTo("1");
    assertThat(budget.at("spec").text("unhealthyPodEvictionPolicy")).isEqualTo("AlwaysAllow");
    assertThat(budget.at("spec", "selector", "matchLabels").text("app"))
        .isEqualTo("culvert-controlplane");
    Path alone = Files.writeString(folder.resolve("values.yaml"), "controlplane: {replicas: 1}");
    assertThat(Chart.objects(Chart.render(alone)))
        .as("one replica under a budget would hold every drain up")
        .noneMatch(object -> object.kind().equals("PodDisruptionBudget"));
  }

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
  void helmFindsNothingToSay() {
    LintResult result = new Helm(Chart.FOLDER.toAbsolutePath()).lint().strict().call();
    assertThat(result.isFailed()).as(String.join("\n", result.getMessages())).isFalse();
  }

  @Test
  void settingsOfTheProcessesAreUnderstood() {
    List<Manifest> objects = Chart.objects(Chart.render());
    assertThat(ProcessSettings.read(objects)).containsOnlyKeys("controlplane", "agent", "ztunnel");
    assertThat(ProcessSettings.read(Chart.objects(Chart.render(CHANGED))))
        .containsOnlyKeys("controlplane", "agent", "ztunnel");
  }

  @Test
  void onlyCapabilitiesWithAReasonAreGiven() {
    Map<String, Set<String>> given =
        Chart.objects(Chart.render()).stream()
            .flatMap(object -> object.containers().stream())
            .collect(Collectors.toMap(c -> c.text("name"), ChartTest::capabilities));
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
  void everyPartMayRunOnNodesThatAreNew() throws IOException {
    Path values =
        Files.writeString(
            folder.resolve("values.yaml"),
            """
            controlplane: {nodeTaint: culvert.dev/agent-not-ready, tolerations: [{key: system, operator: Exists}]}
            agent: {tolerations: [{key: mesh, operator: Exists}]}
            ztunnel: {tolerations: []}
            """);
    List<Manifest> parts =
        Chart.objects(Chart.render(values)).stream()
            .filter(object -> !object.containers().isEmpty())
            .toList();
    assertThat(parts).hasSize(3);
    for (Manifest part : parts) {
      assertThat(part.pod().orElseThrow().at("spec").all("tolerations"))
          .as(part.name())
          .anyMatch(
              one ->
                  one.text("key").equals("culvert.dev/agent-not-ready")
                      && one.text("operator").equals("Exists"));
    }
  }

  @Test
  void processesAreAskedWhetherTheyWorkAndNotWhetherAPortIsOpen() {
    List<Manifest> probes =
        Chart.objects(Chart.render()).stream()
            .flatMap(object -> object.containers().stream())
            .map(container -> container.at("readinessProbe"))
            .filter(probe -> !probe.tree().isEmpty())
            .toList();
    assertThat(probes).hasSize(3).noneMatch(probe -> probe.tree().containsKey("tcpSocket"));
    assertThat(probes)
        .anyMatch(
            probe ->
                probe.at("httpGet").text("port").equals("http-monitoring")
                    && probe.at("httpGet").text("path").equals("/healthz/ready"));
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
  void partsOfTheMeshAreNeverInIt() {
    assertThat(Chart.objects(Chart.render()))
        .filteredOn(object -> !object.containers().isEmpty())
        .isNotEmpty()
        .allMatch(
            object ->
                object
                    .pod()
                    .orElseThrow()
                    .at("metadata", "labels")
                    .text("culvert.dev/dataplane-mode")
                    .equals("none"));
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

  /** kubectl and Helm read YAML 1.1. */
  @Test
  void nothingIsTakenForAFlagThatIsNone() {
    for (String rendered : List.of(Chart.render(), Chart.render(CHANGED))) {
      assertThat(Chart.plainWords(rendered))
          .contains("true")
          .noneMatch(word -> word.matches("(?i:y|yes|n|no|on|off)|True|TRUE|False|FALSE"));
    }
  }

  @Test
  void installManifestIsWhatTheChartGives() throws IOException {
    Path values = Files.writeString(folder.resolve("values.yaml"), "namespace: {create: true}");
    String rendered =
        """
        # Culvert with the default values of daemonset/chart, written from it by ChartTest; do not edit.
        #   kubectl apply --server-side -f install.yaml
        """
            + Chart.render(values)
                .replace(
                    "app.kubernetes.io/managed-by: Helm", "app.kubernetes.io/managed-by: kubectl");
    if ("true".equals(System.getenv("CULVERT_WRITE_DOCS"))) {
      Files.writeString(INSTALL, rendered);
    }
    assertThat(INSTALL).content().isEqualTo(rendered);
    assertValid(Chart.objects(rendered));
  }

  private static void assertValid(List<Manifest> objects) {
    assertThat(objects).isNotEmpty();
    assertThat(OpenApi.violations(objects)).isEmpty();
    assertThat(OpenApi.inconsistencies(objects)).isEmpty();
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
