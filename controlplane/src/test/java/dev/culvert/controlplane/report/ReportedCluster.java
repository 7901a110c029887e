// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import dev.culvert.controlplane.model.IncrementalModel;
import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.source.kubernetes.KubernetesSource;
import dev.culvert.controlplane.status.StatusWriter;
import dev.culvert.controlplane.status.WritePace;
import dev.culvert.controlplane.verdict.Said;
import dev.culvert.controlplane.verdict.Verdicts;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** An API server whose objects' status is written as a control plane does. */
final class ReportedCluster implements AutoCloseable {
  static final String GATEWAY_API = "gateway.networking.k8s.io/v1";
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("istio-system"));

  private final ApiServer server = new ApiServer();
  private final KubernetesClient client;
  private StatusReporter reporter;
  private KubernetesSource source;
  private volatile boolean leads = true;

  /**
   * @param kinds of the Gateway API that are installed
   */
  ReportedCluster(String... kinds) throws IOException {
    for (String kind : kinds) {
      server.install(GATEWAY_API, kind);
    }
    client = server.client();
  }

  ApiServer server() {
    return server;
  }

  /** Whether it may write from now on. */
  void lead(boolean now) {
    leads = now;
  }

  /** Returns when it knows what is there. */
  void start() throws InterruptedException {
    reporter =
        StatusReporter.start(
            new StatusWriter(
                client, () -> leads, new WritePace(Duration.ZERO, 1), InstantSource.system()),
            new Events(client, "replica", InstantSource.system()),
            () -> leads,
            new StatusReporter.Pace(Duration.ofMillis(5), Duration.ofMillis(20)),
            InstantSource.system());
    IncrementalModel model = new IncrementalModel(NAMES);
    Verdicts verdicts = new Verdicts(NAMES);
    source =
        KubernetesSource.start(
            client,
            new KubernetesSource.Pace(Duration.ofMillis(1), Duration.ofMillis(20)),
            List.of(),
            changes -> reporter.update(judge(model, verdicts, changes)),
            reporter.sightings());
  }

  private static Said judge(IncrementalModel model, Verdicts verdicts, ResourceChanges changes) {
    return verdicts.update(changes, model.update(changes.put(), changes.removed()).notices());
  }

  @Override
  public void close() {
    source.close();
    reporter.close();
    client.close();
    server.close();
  }

  static boolean says(GenericKubernetesResource object, String type, String status, String reason) {
    return conditions(object).stream()
        .anyMatch(
            one ->
                type.equals(one.get("type"))
                    && status.equals(one.get("status"))
                    && reason.equals(one.get("reason")));
  }

  static String message(GenericKubernetesResource object, String type) {
    return conditions(object).stream()
        .filter(one -> type.equals(one.get("type")))
        .map(one -> String.valueOf(one.get("message")))
        .findFirst()
        .orElseThrow();
  }

  static List<Map<String, Object>> conditions(GenericKubernetesResource object) {
    List<Map<String, Object>> conditions = object.get("status", "conditions");
    return conditions == null ? List.of() : conditions;
  }
}
