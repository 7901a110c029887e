// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ConfigMapResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Secrets and ConfigMaps: those that are named, and no others. */
@Timeout(60)
class NamedObjectsTest {
  private static final ResourceKey CONFIGURATION =
      new ResourceKey("ConfigMap", "culvert-system", "culvert");
  private static final String DOOR =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: door, namespace: shop}
      spec:
        gatewayClassName: culvert-gateway
        allowedListeners: {namespaces: {from: Selector, selector: {matchLabels: {lends: doors}}}}
        listeners: [{name: own, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: %s}]}}]
        tls: {frontend: {default: {validation: {caCertificateRefs: [{kind: ConfigMap, group: "", name: clients}]}}}}
      """;
  private static final String SET =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: ListenerSet
      metadata: {name: more, namespace: bank}
      spec:
        parentRef: {name: door, namespace: shop}
        listeners: [{name: https, port: 444, protocol: HTTPS, tls: {certificateRefs: [{name: lent}]}}]
      """;

  private FollowedMesh mesh;

  @BeforeEach
  void open() throws Exception {
    mesh = new FollowedMesh();
  }

  @AfterEach
  void close() {
    mesh.close();
  }

  @Test
  void configurationOfTheMeshFollowsAndNoOtherConfigMap() throws Exception {
    mesh.server().apply(configuration("shop", "forged"));
    mesh.start();
    mesh.server().apply(configuration("culvert-system", "one"));
    mesh.await(now -> provider(now).equals("one"));
    mesh.server().apply(configuration("culvert-system", "two"));
    mesh.await(now -> provider(now).equals("two"));
    assertThat(mesh.known()).doesNotContainKey(new ResourceKey("ConfigMap", "shop", "culvert"));
    mesh.server().delete("v1", "configmaps", "culvert-system", "culvert");
    mesh.await(now -> !now.containsKey(CONFIGURATION));
  }

  @Test
  void configurationThatIsThereIsPartOfTheFirstWord() throws Exception {
    mesh.server().apply(configuration("culvert-system", "one"));
    mesh.start();
    assertThat(provider(mesh.known())).isEqualTo("one");
  }

  @Test
  void whatFrontDoorsAndTheirSetsNameIsReadAndNothingElse() throws Exception {
    mesh.server().install("gateway.networking.k8s.io/v1", "gateways");
    mesh.server().install("gateway.networking.k8s.io/v1", "listenersets");
    mesh.server().apply(secret("shop", "one"));
    mesh.server().apply(secret("shop", "other"));
    mesh.server().apply(secret("bank", "lent"));
    mesh.server()
        .apply(
            """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: clients, namespace: shop}
        data: {ca.crt: c}
        """);
    mesh.server().apply(DOOR.formatted("one"));
    mesh.server().apply(SET);
    mesh.start();
    assertThat(mesh.known())
        .containsKeys(
            new ResourceKey("Secret", "shop", "one"),
            new ResourceKey("ConfigMap", "shop", "clients"))
        .doesNotContainKeys(
            new ResourceKey("Secret", "shop", "other"), new ResourceKey("Secret", "bank", "lent"));
    mesh.server()
        .apply(
            """
        apiVersion: v1
        kind: Namespace
        metadata: {name: bank, labels: {lends: doors}}
        """);
    mesh.await(now -> now.containsKey(new ResourceKey("Secret", "bank", "lent")));
    mesh.server().delete("gateway.networking.k8s.io/v1", "listenersets", "bank", "more");
    mesh.await(now -> !now.containsKey(new ResourceKey("Secret", "bank", "lent")));
  }

  @Test
  void certificateThatIsNamedNowIsToldWithWhoNamesIt() throws Exception {
    mesh.server().install("gateway.networking.k8s.io/v1", "gateways");
    mesh.server().apply(secret("shop", "one"));
    mesh.server().apply(secret("shop", "two"));
    mesh.server().apply(DOOR.formatted("one"));
    mesh.start();
    for (String name : List.of("two", "one", "two")) {
      mesh.server().apply(DOOR.formatted(name));
      mesh.await(
          now -> now.get(new ResourceKey("Gateway", "shop", "door")).toString().contains(name));
      assertThat(mesh.withDoor()).contains(new ResourceKey("Secret", "shop", name));
    }
  }

  private static String secret(String namespace, String name) {
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: %s, namespace: %s}
    type: kubernetes.io/tls
    stringData: {tls.crt: c, tls.key: k}
    """
        .formatted(name, namespace);
  }

  private static String configuration(String namespace, String provider) {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: culvert, namespace: %s}
    data:
      mesh: |
        extensionProviders:
          - name: %s
            envoyExtAuthzGrpc: {service: authz.shop.svc.cluster.local, port: 9000}
    """
        .formatted(namespace, provider);
  }

  private static String provider(Map<ResourceKey, Resource> now) {
    return now.get(CONFIGURATION) instanceof ConfigMapResource config
        ? config.providers().getFirst().name()
        : "";
  }
}
