// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of listeners of a Gateway that meet (Gateway API, distinct listeners). */
class ListenerVerdictsTest {
  private final JudgedMesh mesh = new JudgedMesh();

  private void listeners(String... listeners) {
    mesh.apply(
        CertificateYaml.secret("shop", "site", CertificateYaml.CERTIFICATE, CertificateYaml.KEY));
    mesh.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: door, namespace: shop}
        spec:
          gatewayClassName: culvert-gateway
          allowedListeners: {namespaces: {from: All}}
          listeners: [%s]
        """
            .formatted(String.join(", ", listeners)));
  }

  private static String http(String name, int port) {
    return "{name: %s, port: %d, protocol: HTTP}".formatted(name, port);
  }

  private static String https(String name, int port, String hostname) {
    return "{name: %s, port: %d, protocol: HTTPS, hostname: \"%s\", tls: {certificateRefs: [{name: site}]}}"
        .formatted(name, port, hostname);
  }

  private List<String> listener(String name) {
    return JudgedMesh.texts(
        JudgedMesh.listener(mesh.gateway("door").programmed(), name).conditions().stream());
  }

  @Test
  void ofTwoListenersThatWantTheSameNeitherIsServed() {
    listeners(http("one", 80), http("two", 80), http("other", 81));
    for (String name : List.of("one", "two")) {
      assertThat(listener(name))
          .containsExactly(
              "Accepted=false Invalid",
              "Conflicted=true HostnameConflict",
              "ResolvedRefs=true ResolvedRefs",
              "Programmed=false Invalid");
    }
    assertThat(listener("other"))
        .contains("Accepted=true Accepted", "Conflicted=false NoConflicts");
    assertThat(
            JudgedMesh.message(
                JudgedMesh.listener(mesh.gateway("door").programmed(), "one").conditions(),
                Say.CONFLICTED))
        .contains("listener two", "neither");
  }

  @Test
  void httpsAndTlsOfOneHostConflictInTheirProtocol() {
    listeners(
        https("web", 443, "a.example.com"),
        "{name: raw, port: 443, protocol: TLS, hostname: a.example.com, tls: {mode: Passthrough}}",
        "{name: else, port: 443, protocol: TLS, hostname: b.example.com, tls: {mode: Passthrough}}");
    assertThat(listener("web"))
        .contains("Accepted=false Invalid", "Conflicted=true ProtocolConflict");
    assertThat(listener("raw"))
        .contains("Accepted=false Invalid", "Conflicted=true ProtocolConflict");
    assertThat(listener("else")).contains("Accepted=true Accepted", "Conflicted=false NoConflicts");
  }

  @Test
  void listenersOfTcpShareTheirPortWithNobody() {
    listeners("{name: raw, port: 80, protocol: TCP}", http("web", 80), http("other", 81));
    assertThat(listener("raw")).contains("Conflicted=true ProtocolConflict");
    assertThat(listener("web")).contains("Conflicted=true ProtocolConflict");
  }

  @Test
  void placeThatTwoOfTheGatewayWantIsNoSets() {
    listeners(http("one", 80), http("two", 80), http("other", 81));
    mesh.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: ListenerSet
        metadata: {name: more, namespace: shop}
        spec:
          parentRef: {name: door}
          listeners: [{name: set, port: 80, protocol: HTTP}]
        """);
    assertThat(
            JudgedMesh.texts(
                JudgedMesh.listener(mesh.set("more").programmed(), "set").conditions().stream()))
        .contains("Accepted=false Conflicted", "Conflicted=true HostnameConflict");
  }

  @Test
  void overlappingTlsConfig() {
    listeners(
        https("foo", 443, "foo.example.com"),
        https("deep", 443, "a.b.example.com"),
        https("wild", 443, "*.example.com"),
        https("apart", 443, "example.com"),
        https("elsewhere", 8443, "foo.example.com"));
    for (String name : List.of("foo", "deep", "wild")) {
      assertThat(listener(name))
          .contains("Accepted=true Accepted", "OverlappingTLSConfig=true OverlappingHostnames");
    }
    for (String name : List.of("apart", "elsewhere")) {
      assertThat(listener(name)).noneMatch(one -> one.startsWith("OverlappingTLSConfig"));
    }
    assertThat(
            Verdicts.isNews(
                JudgedMesh.listener(mesh.gateway("door").programmed(), "foo")
                    .conditions()
                    .getLast()))
        .as("nothing is wrong with it")
        .isFalse();
  }

  @Test
  void listenerOfAnUnknownProtocolTakesNoKindOfRoute() {
    listeners("{name: odd, port: 80, protocol: example.com/odd}", http("web", 81));
    assertThat(JudgedMesh.listener(mesh.gateway("door").programmed(), "odd").kinds()).isEmpty();
    assertThat(listener("odd")).contains("Accepted=false UnsupportedProtocol");
  }
}
