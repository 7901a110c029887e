// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.discovery.DiscoverySnapshot;
import dev.culvert.controlplane.model.IncrementalModel;
import dev.culvert.controlplane.model.MeshModel;
import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a proxy is told does not depend on where the YAML is. */
@Timeout(60)
class SameAsFolderTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final Path ROUTES = Path.of("src/test/resources/golden-routes");
  private static final List<String> GATEWAY_API =
      List.of(
          "gateways",
          "listenersets",
          "httproutes",
          "grpcroutes",
          "tlsroutes",
          "tcproutes",
          "backendtlspolicies");
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("culvert-system"));

  static List<Path> folders() throws IOException {
    try (Stream<Path> all = Files.list(GOLDEN)) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void apiServerGivesTheSameBytes(Path folder) throws Exception {
    Map<String, String> contents = contents(folder);
    DiscoverySnapshot local = model(ResourceFiles.empty().with(contents).resources());
    DiscoverySnapshot remote = model(throughApiServer(contents.values()));
    assertThat(remote.addresses().byName()).isEqualTo(local.addresses().byName());
    assertThat(remote).isEqualTo(local);
    assertThat(local.addresses().byName()).isNotEmpty();
  }

  private static final String DOOR =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: bank, labels: {lends: doors}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop}
      spec: {clusterIP: 198.19.0.1, ports: [{name: secure, port: 443}]}
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: site, namespace: shop}
      type: kubernetes.io/tls
      stringData: {tls.crt: certificate, tls.key: key}
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: ca, namespace: shop}
      data: {ca.crt: authority}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: door, namespace: shop}
      spec:
        gatewayClassName: culvert-gateway
        allowedListeners: {namespaces: {from: Selector, selector: {matchLabels: {lends: doors}}}}
        listeners: [{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: site}]}}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: ListenerSet
      metadata: {name: more, namespace: bank}
      spec:
        parentRef: {name: door, namespace: shop}
        listeners: [{name: tcp, port: 5432, protocol: TCP}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: web, namespace: shop}
      spec:
        parentRefs: [{name: door}]
        rules: [{backendRefs: [{name: web, port: 443}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: BackendTLSPolicy
      metadata: {name: web, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: web, sectionName: secure}]
        validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}], hostname: web.internal}
      """;

  /** An API server dates what is not dated. */
  private static final String DATED =
      DOOR.replace("metadata: {", "metadata: {creationTimestamp: \"2026-01-02T03:04:05Z\", ");

  @Test
  void frontDoorIsToldTheSameBytes() throws Exception {
    assertThat(assertToldTheSame(DATED).get(new WaypointName("shop", "door")))
        .containsOnlyKeys(
            "BackendTLSPolicy shop/web",
            "ConfigMap shop/ca",
            "Gateway shop/door",
            "HTTPRoute shop/web",
            "ListenerSet bank/more",
            "Namespace bank",
            "Secret shop/site",
            "Service shop/web");
  }

  static List<Path> routes() throws IOException {
    try (Stream<Path> all = Files.list(ROUTES)) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("routes")
  void waypointIsToldTheSameBytes(Path folder) throws Exception {
    assertThat(assertToldTheSame(Files.readString(folder.resolve("mesh.yaml"))))
        .containsOnlyKeys(new WaypointName("shop", "way"));
  }

  /** Returns it, by the name of each. */
  private static Map<WaypointName, Map<String, dev.culvert.policy.wire.discovery.Resource>>
      assertToldTheSame(String yaml) throws Exception {
    ResourceFiles files = ResourceFiles.empty().with(Map.of("mesh.yaml", yaml));
    assertThat(files.errors()).isEmpty();
    Map<ResourceKey, String> texts = new HashMap<>();
    files.written().forEach(one -> texts.put(one.resource().key(), one.text()));
    var local = told(files.resources(), texts);
    assertThat(toldThroughApiServer(yaml)).isEqualTo(local);
    return local;
  }

  private static Map<WaypointName, Map<String, dev.culvert.policy.wire.discovery.Resource>>
      toldThroughApiServer(String yaml) throws Exception {
    AtomicReference<Map<WaypointName, Map<String, dev.culvert.policy.wire.discovery.Resource>>>
        told = new AtomicReference<>();
    try (ApiServer server = new ApiServer();
        KubernetesClient client = server.client()) {
      for (String kind : GATEWAY_API) {
        server.install("gateway.networking.k8s.io/v1", kind);
      }
      server.install("gateway.networking.k8s.io/v1beta1", "referencegrants");
      server.apply(yaml);
      KubernetesSource.start(
              client,
              KubernetesSource.Pace.STANDARD,
              List.of(),
              changes -> told.compareAndSet(null, told(changes.put(), changes.texts())))
          .close();
    }
    return told.get();
  }

  private static Map<WaypointName, Map<String, dev.culvert.policy.wire.discovery.Resource>> told(
      Collection<Resource> put, Map<ResourceKey, String> texts) {
    Map<WaypointName, Map<String, dev.culvert.policy.wire.discovery.Resource>> told =
        new HashMap<>();
    new IncrementalModel(NAMES)
        .update(put, texts, List.of())
        .discovery()
        .documents()
        .forEach((name, set) -> told.put(name, new TreeMap<>(set.byName())));
    return told;
  }

  private static DiscoverySnapshot model(Collection<Resource> resources) {
    return MeshModel.of(resources, NAMES).discovery();
  }

  private static Collection<Resource> throughApiServer(Collection<String> documents)
      throws Exception {
    AtomicReference<Collection<Resource>> known = new AtomicReference<>();
    KubernetesSource.Pace quick =
        new KubernetesSource.Pace(Duration.ofMillis(1), Duration.ofSeconds(5));
    try (ApiServer server = new ApiServer();
        KubernetesClient client = server.client()) {
      documents.forEach(server::apply);
      KubernetesSource.start(
              client,
              quick,
              List.of(),
              changes -> {
                assertThat(changes.errors()).isEmpty();
                known.compareAndSet(null, changes.put());
              })
          .close();
    }
    return known.get();
  }

  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        contents.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return contents;
  }
}
