// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That the mesh is there while nodes and versions come and go. */
final class ChartAvailabilityTest extends ChartCase {
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
}
