// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.source.kubernetes.KubernetesSource;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An API server, and who makes there what Gateway shop/store of an own class needs. */
final class ProvisionedCluster implements AutoCloseable {
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("istio-system"));

  private final ApiServer server = new ApiServer();
  private final KubernetesClient client = server.client();
  private Provisioning provisioning;
  private KubernetesSource source;
  private volatile boolean leads = true;
  private volatile String roots = "ROOT 1";

  /** Nothing is followed yet. */
  ProvisionedCluster() throws IOException {
    server.install("gateway.networking.k8s.io/v1", "gateways");
    server.install("gateway.networking.k8s.io/v1", "gatewayclasses");
  }

  ApiServer server() {
    return server;
  }

  void start() throws InterruptedException {
    provisioning =
        Provisioning.start(
            client,
            new WaypointDefaults("culvert:test", WaypointSize.parse("2-5"), "200m", "512Mi"),
            NAMES,
            "culvert-system",
            "istio-ca",
            () -> leads,
            () -> roots,
            Duration.ofMillis(50));
    source =
        KubernetesSource.start(
            client,
            new KubernetesSource.Pace(Duration.ofMillis(1), Duration.ofMillis(20)),
            List.of(),
            provisioning::update);
  }

  /** Whether it leads from now on. */
  void lead(boolean now) {
    leads = now;
  }

  /** What is trusted from now on. */
  void trust(String now) {
    roots = now;
  }

  Optional<GenericKubernetesResource> object(String apiVersion, String plural) {
    return server.find(apiVersion, plural, "shop", "store");
  }

  List<Integer> ports() {
    List<Map<String, Object>> ports =
        object("v1", "services")
            .<List<Map<String, Object>>>map(one -> one.get("spec", "ports"))
            .orElse(List.of());
    return ports.stream().map(port -> (Integer) port.get("port")).toList();
  }

  String roots() {
    return server
        .find("v1", "configmaps", "shop", "store-root-cert")
        .map(map -> map.<String>get("data", "root-cert.pem"))
        .orElse("");
  }

  GenericKubernetesResource gateway() {
    return object("gateway.networking.k8s.io/v1", "gateways").orElseThrow();
  }

  boolean condition(String type, String status, String reason) {
    return conditions(gateway()).stream()
        .anyMatch(
            one ->
                type.equals(one.get("type"))
                    && status.equals(one.get("status"))
                    && reason.equals(one.get("reason")));
  }

  String message(String type) {
    return conditions(gateway()).stream()
        .filter(one -> type.equals(one.get("type")))
        .map(one -> String.valueOf(one.get("message")))
        .findFirst()
        .orElse("");
  }

  Optional<String> classAccepted() {
    return server
        .find("gateway.networking.k8s.io/v1", "gatewayclasses", "culvert-waypoint")
        .flatMap(one -> conditions(one).stream().findFirst())
        .map(one -> String.valueOf(one.get("status")));
  }

  private static List<Map<String, Object>> conditions(GenericKubernetesResource object) {
    List<Map<String, Object>> conditions = object.get("status", "conditions");
    return conditions == null ? List.of() : conditions;
  }

  @Override
  public void close() {
    source.close();
    provisioning.close();
    client.close();
    server.close();
  }
}
