// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Which certificates and authorities a front door is told, and that it is told no other secrets.
 */
final class DoorCertificateDocumentsTest extends DocumentsCase {
  @Test
  void frontDoorIsToldItsRoutesAndCertificatesAndNoOtherSecrets() {
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    apply("route.yaml", doorRoute("shop", "web"));
    apply(
        "secrets.yaml",
        secret("shop", "tls", "kubernetes.io/tls")
            + secret("shop", "other", "kubernetes.io/tls")
            + secret("bank", "tls", "kubernetes.io/tls"));
    assertThat(told(DOOR))
        .containsExactly("Gateway shop/door", "HTTPRoute shop/web", "Secret shop/tls");
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
  }

  @Test
  void certificatesOfASetNeedGrantsForSets() {
    String grant =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: %2$s, namespace: vault}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: %1$s, namespace: bank}]
          to: [{group: "", kind: Secret}]
        """;
    apply("door.yaml", allowing("{from: All}"));
    apply("set.yaml", SET.formatted("{name: lent, namespace: vault}"));
    apply(
        "vault.yaml",
        secret("vault", "lent", "kubernetes.io/tls") + grant.formatted("Gateway", "doors"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door", "ListenerSet bank/more");
    apply("grant.yaml", grant.formatted("ListenerSet", "sets"));
    assertThat(told(DOOR))
        .containsExactly(
            "Gateway shop/door",
            "ListenerSet bank/more",
            "ReferenceGrant vault/sets",
            "Secret vault/lent");
  }

  @Test
  void authoritiesOfClientsAreToldToTheDoorThatAsksThem() {
    String authority =
        """
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: %s, namespace: shop}
        data: {ca.crt: c}
        """;
    String frontend =
        """
          tls:
            frontend:
              default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: clients}]}}
              perPort:
                - {port: 443, tls: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: of-443}]}}}
        """;
    apply("authorities.yaml", authority.formatted("clients") + authority.formatted("of-443"));
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
    apply("door.yaml", door("{name: tls}", "{from: Same}") + frontend);
    assertThat(told(DOOR)).containsExactly("ConfigMap shop/of-443", "Gateway shop/door");
    apply(
        "door.yaml",
        door("{name: tls}", "{from: Same}").replace("port: 443", "port: 8443") + frontend);
    assertThat(told(DOOR)).containsExactly("ConfigMap shop/clients", "Gateway shop/door");
    assertThat(told(SHOP)).containsExactly("Gateway shop/way");
  }

  @Test
  void frontDoorIsToldTheAuthoritiesOfItsBackends() {
    String authority =
        """
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: %s, namespace: shop}
        data: {ca.crt: c}
        """;
    apply("authorities.yaml", authority.formatted("backends") + authority.formatted("others"));
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    apply("route.yaml", doorRoute("shop", "web"));
    apply("tls.yaml", BACKEND_TLS.formatted("other"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door", "HTTPRoute shop/web");
    apply("tls.yaml", BACKEND_TLS.formatted("store"));
    assertThat(told(DOOR))
        .containsExactly(
            "BackendTLSPolicy shop/secure",
            "ConfigMap shop/backends",
            "Gateway shop/door",
            "HTTPRoute shop/web");
  }

  @Test
  void certificateForBackendsIsToldToItsDoor() {
    apply(
        "secrets.yaml",
        secret("shop", "client", "kubernetes.io/tls") + secret("shop", "key", "Opaque"));
    String backend = "  tls: {backend: {clientCertificateRef: {name: %s}}}\n";
    apply("door.yaml", door("{name: tls}", "{from: Same}") + backend.formatted("client"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door", "Secret shop/client");
    apply("door.yaml", door("{name: tls}", "{from: Same}") + backend.formatted("key"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
  }

  @Test
  void secretThatIsNoCertificateIsToldToNobody() {
    apply("door.yaml", door("{name: tls}", "{from: Same}"));
    apply("secrets.yaml", secret("shop", "tls", "Opaque"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
  }

  @Test
  void certificateOfAnotherNamespaceNeedsItsGrant() {
    String grant =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: %s, namespace: bank}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: %s}]
          to: [{group: "", kind: Secret, name: tls}]
        """;
    apply("door.yaml", door("{name: tls, namespace: bank}", "{from: Same}"));
    apply("secrets.yaml", secret("bank", "tls", "kubernetes.io/tls"));
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
    apply("grants.yaml", grant.formatted("shop", "shop") + grant.formatted("else", "else"));
    assertThat(told(DOOR))
        .containsExactly("Gateway shop/door", "ReferenceGrant bank/shop", "Secret bank/tls");
    delete("grants.yaml");
    assertThat(told(DOOR)).containsExactly("Gateway shop/door");
  }
}
