// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.culvert.controlplane.source.kubernetes.ApiAccess;
import dev.culvert.tests.command.CulvertCommand;
import dev.culvert.tests.mesh.Await;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One installation, step by step. It takes namespaces of its own and leaves the cluster as it was;
 * a cluster that has Culvert already is not touched.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 20, unit = TimeUnit.MINUTES)
abstract class ClusterScenarios {
  static final String SYSTEM = "culvert-tests";
  static final String SHOP = "culvert-tests-shop";

  private static final String TAKEN =
      "this cluster has Culvert, or namespace %s, already, and is not touched".formatted(SYSTEM);
  private static final Duration PATIENCE = Duration.ofMinutes(12);
  private static final List<String> KINDS =
      List.of("authorizationpolicies", "peerauthentications", "requestauthentications");

  private Path folder;
  private KubernetesClient client;
  private Objects objects;
  private Optional<LocalControlPlane> plane = Optional.empty();
  private boolean installed;
  private String skipped = "";

  /** Why there is no cluster to run on; empty when there is one. */
  abstract String absent();

  /** The administrator's. */
  abstract Path kubeconfig(Path folder) throws IOException;

  /** That of a control plane which runs here, when none runs there. */
  abstract Path controlPlaneKubeconfig(Path folder) throws IOException;

  /** What the cluster's nodes can pull; empty when nothing of it is to run there. */
  abstract Optional<String> image();

  /** Whether what is installed runs, or only stands there. */
  abstract boolean runs();

  /** Nothing is asked any more. */
  abstract void end();

  @BeforeAll
  final void open(@TempDir Path temporary) throws IOException {
    folder = temporary;
    skipped = absent();
    if (skipped.isEmpty()) {
      client = ApiAccess.open(Optional.of(kubeconfig(folder)));
      objects = new Objects(client);
      skipped = isThere() ? TAKEN : "";
    }
    if (!skipped.isEmpty()) {
      System.out.println(getClass().getSimpleName() + " is skipped: " + skipped);
    }
  }

  @BeforeEach
  final void look() {
    assumeTrue(skipped.isEmpty(), skipped);
  }

  @AfterAll
  final void close() throws Exception {
    plane.ifPresent(LocalControlPlane::close);
    if (installed) {
      culvert("uninstall", "--opt-out", "--purge");
    }
    if (client != null) {
      if (skipped.isEmpty()) {
        objects.deleteNamespace(SHOP);
      }
      client.close();
    }
    end();
  }

  @Test
  @Order(1)
  final void installPutsAllPartsThere() throws Exception {
    installed = true;
    CulvertCommand run = culvert(installArguments());
    assertThat(run.code()).as(run.output()).isZero();
    for (String kind : KINDS) {
      Await.until(kind + " are served", () -> objects.isEstablished(kind + ".policy.culvert.dev"));
    }
    assertThat(client.apps().deployments().inNamespace(SYSTEM).list().getItems())
        .extracting(one -> one.getMetadata().getName())
        .contains("culvert-controlplane");
    assertThat(client.apps().daemonSets().inNamespace(SYSTEM).list().getItems())
        .extracting(one -> one.getMetadata().getName())
        .contains("culvert-agent", "ztunnel");
  }

  @Test
  @Order(2)
  final void secondInstallIsRefused() throws Exception {
    CulvertCommand run = culvert(installArguments());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output()).contains("culvert upgrade");
  }

  @Test
  @Order(3)
  final void controlPlaneLeadsAndTellsWhatProxiesTrust() throws Exception {
    if (!runs()) {
      plane =
          Optional.of(
              LocalControlPlane.start(controlPlaneKubeconfig(folder), SYSTEM, image(), folder));
    }
    Await.until(
        "a leader",
        () ->
            client
                    .leases()
                    .inNamespace(SYSTEM)
                    .withName("culvert-controlplane")
                    .get()
                    .getSpec()
                    .getHolderIdentity()
                != null);
    Await.until(
        "the roots",
        () ->
            client
                .configMaps()
                .inNamespace(SYSTEM)
                .withName("culvert-ca-root-cert")
                .get()
                .getData()
                .get("root-cert.pem")
                .contains("BEGIN CERTIFICATE"));
  }

  @Test
  @Order(4)
  final void labelledNamespaceIsInTheMesh() throws Exception {
    objects.apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: %s, labels: {culvert.dev/dataplane-mode: ambient}}
        """
            .formatted(SHOP));
    CulvertCommand run = culvert("uninstall");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output()).contains(SHOP, "--opt-out");
  }

  @Test
  @Order(5)
  final void soundPolicySaysThatItIsInForce() throws Exception {
    objects.apply(
        policy("sound", "{action: DENY, rules: [{from: [{source: {namespaces: [x]}}]}]}"));
    awaitCondition("authorizationpolicies", "sound", "Accepted", "True", "Accepted");
  }

  @Test
  @Order(6)
  final void policyThatIsBoundToNothingSaysSoByStatusAndEvent() throws Exception {
    objects.apply(
        policy("astray", "{targetRefs: [{group: '', kind: Service, name: cart}], action: ALLOW}"));
    awaitCondition("authorizationpolicies", "astray", "WaypointBound", "False", "TargetNotFound");
    Await.until(
        "an event",
        () ->
            client.events().v1().events().inNamespace(SHOP).list().getItems().stream()
                .anyMatch(
                    event ->
                        event.getReason().equals("TargetNotFound")
                            && event.getRegarding().getName().equals("astray")));
  }

  @Test
  @Order(7)
  final void serviceSaysThatItsWaypointIsNotThere() throws Exception {
    objects.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: %s, labels: {culvert.dev/use-waypoint: store}}
        spec: {ports: [{name: http, port: 80}]}
        """
            .formatted(SHOP));
    awaitCondition("services", "cart", "istio.io/WaypointBound", "False", "WaypointUnavailable");
    awaitCondition("authorizationpolicies", "astray", "WaypointBound", "False", "AncestorNotBound");
    objects.apply(
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: TrafficPolicy
        metadata: {name: retries, namespace: %s}
        spec:
          targetRefs: [{group: "", kind: Service, name: cart}]
          retries: {attempts: 3}
        """
            .formatted(SHOP));
    awaitCondition("trafficpolicies", "retries", "WaypointBound", "False", "AncestorNotBound");
  }

  @Test
  @Order(8)
  final void statusCommandNamesWhatIsBad() throws Exception {
    CulvertCommand run = culvert("status");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output())
        .contains("culvert-controlplane", "ztunnel")
        .contains("Service " + SHOP + "/cart", "istio.io/WaypointBound=False")
        .contains("AuthorizationPolicy " + SHOP + "/astray", "WaypointBound=False");
  }

  @Test
  @Order(9)
  final void routeSaysWhatItLacks() throws Exception {
    assumeGatewayApi();
    objects.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: split, namespace: %s}
        spec:
          parentRefs: [{group: "", kind: Service, name: cart}]
          rules: [{backendRefs: [{name: gone, port: 80}]}]
        """
            .formatted(SHOP));
    Await.until(
        "the route says it",
        () ->
            objects
                .get("httproutes", SHOP, "split")
                .<Object>get("status", "parents", 0, "conditions")
                .toString()
                .contains("BackendNotFound"));
  }

  @Test
  @Order(10)
  final void waypointIsMadeForItsGatewayAndWhatUsesItIsBound() throws Exception {
    assumeGatewayApi();
    assumeTrue(image().isPresent(), "no image is named for waypoints");
    objects.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: store, namespace: %s}
        spec:
          gatewayClassName: culvert-waypoint
          listeners: [{name: mesh, port: 15008, protocol: HBONE}]
        """
            .formatted(SHOP));
    Await.until(
        "its Deployment",
        () -> client.apps().deployments().inNamespace(SHOP).withName("store").get() != null);
    awaitCondition("gateways", "store", "Accepted", "True", "Accepted");
    awaitCondition("services", "cart", "istio.io/WaypointBound", "True", "WaypointAccepted");
    awaitCondition("authorizationpolicies", "astray", "WaypointBound", "True", "Accepted");
    awaitCondition("trafficpolicies", "retries", "WaypointBound", "True", "Accepted");
  }

  @Test
  @Order(11)
  final void uninstallLeavesNothing() throws Exception {
    plane.ifPresent(LocalControlPlane::close);
    plane = Optional.empty();
    CulvertCommand run = culvert("uninstall", "--opt-out", "--purge");
    assertThat(run.code()).as(run.output()).isZero();
    installed = false;
    // A namespace that still had pods is looked at again after half of their longest grace.
    Await.until("nothing is left", PATIENCE, () -> !isThere());
    assertThat(client.namespaces().withName(SHOP).get().getMetadata().getLabels())
        .doesNotContainKey("culvert.dev/dataplane-mode");
    assertThat(
            client
                .rbac()
                .clusterRoles()
                .withLabel("app.kubernetes.io/part-of", "culvert")
                .list()
                .getItems())
        .isEmpty();
  }

  private boolean isThere() {
    return client.namespaces().withName(SYSTEM).get() != null
        || KINDS.stream().anyMatch(kind -> objects.isDefined(kind + ".policy.culvert.dev"));
  }

  private void assumeGatewayApi() {
    assumeTrue(
        objects.isServed("gateway.networking.k8s.io/v1", "HTTPRoute"),
        "this cluster has no Gateway API");
  }

  private void awaitCondition(String plural, String name, String type, String status, String reason)
      throws InterruptedException {
    Await.until(
        "%s %s says %s=%s %s".formatted(plural, name, type, status, reason),
        () -> objects.says(plural, SHOP, name, type, status, reason));
  }

  private String[] installArguments() throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.add("install");
    arguments.add("--values");
    arguments.add(Files.writeString(folder.resolve("values.yaml"), values()).toString());
    if (!runs()) {
      arguments.add("--no-wait");
    }
    return arguments.toArray(String[]::new);
  }

  /** What is not to run is scheduled nowhere. */
  private String values() {
    String nowhere = runs() ? "{}" : "{culvert.dev/tests: nowhere}";
    String name = image().orElse("culvert/culvert:none");
    int tag = name.lastIndexOf(':');
    return """
        image: {repository: "%s", tag: "%s"}
        controlplane: {nodeSelector: %s, settings: {waypoint-image: "%s"}}
        agent: {nodeSelector: %s}
        ztunnel: {nodeSelector: %s}
        """
        .formatted(
            name.substring(0, tag),
            name.substring(tag + 1),
            nowhere,
            image().orElse(""),
            nowhere,
            nowhere);
  }

  private CulvertCommand culvert(String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addAll(1, List.of("--kubeconfig", kubeconfig(folder).toString(), "--namespace", SYSTEM));
    return CulvertCommand.run(folder, PATIENCE, line.toArray(String[]::new));
  }

  private static String policy(String name, String spec) {
    return """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: %s, namespace: %s}
        spec: %s
        """
        .formatted(name, SHOP, spec);
  }
}
