// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.AllowedRoutes.From;
import dev.culvert.policy.resource.AllowedRoutes.RouteKind;
import dev.culvert.policy.resource.GatewayResource.Address;
import dev.culvert.policy.resource.LabelSelector.Operator;
import dev.culvert.policy.resource.LabelSelector.Requirement;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatewayTest {
  private static final AllowedRoutes SAME_NAMESPACE =
      new AllowedRoutes(From.SAME, new LabelSelector(Map.of(), List.of()), List.of());

  @Test
  void waypointAsTheApiServerWritesIt() {
    GatewayResource gateway =
        Yaml.read(
            GatewayResource.class,
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata:
              name: waypoint
              namespace: shop
              labels: {istio.io/waypoint-for: service}
              generation: 1
              resourceVersion: "7"
            spec:
              gatewayClassName: istio-waypoint
              listeners:
              - name: mesh
                port: 15008
                protocol: HBONE
                allowedRoutes: {namespaces: {from: Same}}
            status:
              addresses:
              - {type: Hostname, value: waypoint.shop.svc.cluster.local}
              - {value: 198.19.0.9}
              conditions: [{type: Programmed, status: "True"}]
              listeners: [{name: mesh, attachedRoutes: 0}]
            """);

    assertThat(gateway.className()).isEqualTo("istio-waypoint");
    assertThat(gateway.metadata().label("istio.io/waypoint-for")).contains("service");
    assertThat(gateway.listeners())
        .containsExactly(
            new GatewayListener("mesh", 15008, "HBONE", "", Optional.empty(), SAME_NAMESPACE));
    assertThat(gateway.addresses()).isEmpty();
    assertThat(gateway.assigned())
        .containsExactly(
            new Address("Hostname", "waypoint.shop.svc.cluster.local"),
            new Address("IPAddress", "198.19.0.9"));
    assertThat(gateway.assigned().getFirst().hostname())
        .contains("waypoint.shop.svc.cluster.local");
    assertThat(gateway.assigned().getLast().ip()).contains(InetAddress.ofLiteral("198.19.0.9"));
  }

  @Test
  void everythingThatAListenerCanSay() {
    GatewayResource gateway =
        Yaml.read(
            GatewayResource.class,
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: door, namespace: shop}
            spec:
              gatewayClassName: culvert
              addresses: [{value: 198.19.0.1}, {type: example.com/pool, value: blue}]
              infrastructure:
                labels: {team: shop}
                annotations: {note: x}
                parametersRef: {group: "", kind: ConfigMap, name: sizes}
              listeners:
              - name: web
                port: 443
                protocol: HTTPS
                hostname: "*.Shop.example.com"
                tls:
                  certificateRefs: [{name: web}, {kind: Secret, name: other, namespace: certs}]
                  options: {example.com/minimum: "1.3"}
                allowedRoutes:
                  namespaces:
                    from: Selector
                    selector:
                      matchLabels: {routes: "yes"}
                      matchExpressions: [{key: env, operator: NotIn, values: [test]}]
                  kinds: [{kind: HTTPRoute}, {group: example.com, kind: Other}]
              - {name: db, port: 5432, protocol: TLS, tls: {mode: Passthrough}}
            """);

    assertThat(gateway.addresses())
        .containsExactly(
            new Address("IPAddress", "198.19.0.1"), new Address("example.com/pool", "blue"));
    assertThat(gateway.infrastructure())
        .isEqualTo(
            new GatewayInfrastructure(
                Map.of("team", "shop"),
                Map.of("note", "x"),
                Optional.of(new ObjectRef("", "ConfigMap", "shop", "sizes"))));
    assertThat(gateway.listeners())
        .containsExactly(
            new GatewayListener(
                "web",
                443,
                "HTTPS",
                "*.shop.example.com",
                Optional.of(
                    new ListenerTls(
                        ListenerTls.Mode.TERMINATE,
                        List.of(
                            new ObjectRef("", "Secret", "shop", "web"),
                            new ObjectRef("", "Secret", "certs", "other")),
                        Map.of("example.com/minimum", "1.3"),
                        Optional.empty())),
                new AllowedRoutes(
                    From.SELECTOR,
                    new LabelSelector(
                        Map.of("routes", "yes"),
                        List.of(new Requirement("env", Operator.NOT_IN, Set.of("test")))),
                    List.of(
                        new RouteKind("gateway.networking.k8s.io", "HTTPRoute"),
                        new RouteKind("example.com", "Other")))),
            new GatewayListener(
                "db",
                5432,
                "TLS",
                "",
                Optional.of(
                    new ListenerTls(
                        ListenerTls.Mode.PASSTHROUGH, List.of(), Map.of(), Optional.empty())),
                SAME_NAMESPACE));
  }

  @Test
  void clientsAreVerifiedAsThePortSaysBeforeTheGateway() {
    GatewayResource gateway =
        Yaml.read(
            GatewayResource.class,
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: door, namespace: shop}
            spec:
              gatewayClassName: culvert
              tls:
                backend: {clientCertificateRef: {name: us}}
                frontend:
                  default: {validation: {caCertificateRefs: [{kind: ConfigMap, name: all}]}}
                  perPort:
                  - {port: 8443, tls: {}}
                  - port: 9443
                    tls:
                      validation:
                        caCertificateRefs: [{kind: ConfigMap, name: some}]
                        mode: AllowInsecureFallback
              listeners:
              - {name: a, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: web}]}}
              - {name: b, port: 8443, protocol: HTTPS, tls: {certificateRefs: [{name: web}]}}
              - {name: c, port: 9443, protocol: HTTPS, tls: {certificateRefs: [{name: web}]}}
              - name: d
                port: 9443
                protocol: TLS
                tls: {frontendValidation: {caCertificateRefs: [{kind: ConfigMap, name: own}]}}
            """);

    assertThat(gateway.tls().backendCertificate())
        .contains(new ObjectRef("", "Secret", "shop", "us"));
    assertThat(gateway.listeners().stream().map(gateway::clientValidation))
        .containsExactly(
            Optional.of(validation("all", false)),
            Optional.empty(),
            Optional.of(validation("some", true)),
            Optional.of(validation("own", false)));
  }

  private static ClientValidation validation(String name, boolean insecureFallback) {
    return new ClientValidation(
        List.of(new ObjectRef("", "ConfigMap", "shop", name)), insecureFallback);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {listeners: [{name: a, port: 1, protocol: TCP}]}                                      | spec.gatewayClassName: it is missing; name the GatewayClass, such as culvert-waypoint
          {gatewayClassName: x}                                                                 | spec.listeners: there is none; add one with name, port and protocol
          {gatewayClassName: x, listeners: [{name: a, protocol: TCP}]}                          | spec.listeners[0].port: it is missing; every listener has name, port and protocol
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: http}]}                | spec.listeners[0].protocol: 'http' is no protocol; did you mean 'HTTP'?
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: QUIC}]}                | spec.listeners[0].protocol: 'QUIC' is no protocol; write one of HTTP, HTTPS, TLS, TCP, UDP, HBONE
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: TCP, hostname: h}]}    | spec.listeners[0].hostname: protocol TCP has none; remove it
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: HTTP, hostname: "*"}]} | spec.listeners[0].hostname: '*' is no host name; write one such as api.example.com or *.example.com
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: HTTP, tls: {}}]}       | spec.listeners[0].tls: protocol HTTP has none; remove it
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: HTTPS}]}               | spec.listeners[0].tls: protocol HTTPS needs it; add tls.certificateRefs
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: HTTPS, tls: {mode: Passthrough}}]} | spec.listeners[0].tls.mode: protocol HTTPS ends TLS here; write Terminate, or protocol TLS
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: TLS, tls: {mode: Pass}}]} | spec.listeners[0].tls.mode: 'Pass' is not known; write one of Passthrough, Terminate
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: TLS, tls: {frontendValidation: {}}}]} | spec.listeners[0].tls.frontendValidation.caCertificateRefs: there is none; name a ConfigMap with ca.crt
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: TCP, allowedRoutes: {namespaces: {from: Selector}}}]} | spec.listeners[0].allowedRoutes.namespaces.selector: 'from: Selector' needs it; add it, or write Same or All
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: TCP, allowedRoutes: {namespaces: {from: Everywhere}}}]} | spec.listeners[0].allowedRoutes.namespaces.from: 'Everywhere' is not known; write one of All, Same, Selector
          {gatewayClassName: x, addresses: [{type: IP, value: 198.18.0.1}], listeners: [{name: a, port: 1, protocol: TCP}]} | spec.addresses[0].type: 'IP' is not known; write IPAddress or Hostname
          {gatewayClassName: x, addresses: [{value: web}], listeners: [{name: a, port: 1, protocol: TCP}]} | spec.addresses[0].value: 'web' is no IP address; write one such as 198.18.0.1 or fd00:c01::1
          {gatewayClassName: x, listeners: [{name: a, port: 1, protocol: TCP}, {name: a, port: 2, protocol: TCP}]} | spec.listeners[1].name: 'a' is taken; give each listener its own
          """)
  void mistakeIsToldWithItsRemedy(String spec, String expected) {
    assertThat(
            Yaml.error(
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: door}
                spec: %s
                """
                    .formatted(spec)))
        .endsWith(": " + expected);
  }

  @Test
  void unknownFieldIsToldAndTheRestIsTaken() {
    ResourceFiles files =
        Yaml.file(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: door, namespace: shop}
            spec:
              gatewayClassName: culvert
              listeners:
              - {name: a, port: 80, protocol: HTTP, hostnames: shop.example}
            """);

    assertThat(files.errors()).isEmpty();
    assertThat(files.resources(GatewayResource.class)).hasSize(1);
    assertThat(files.notices())
        .singleElement()
        .hasToString(
            "mesh.yaml: document 1, line 7: Gateway shop/door: field spec.listeners[0].hostnames is"
                + " not known and has no effect; did you mean 'hostname'?");
  }

  @ParameterizedTest
  @CsvSource({
    "All, other, true",
    "Same, other, false",
    "Same, shop, true",
    "Selector, other, true",
    "Selector, shop, false"
  })
  void allowsNamespacesAsItSays(String from, String name, boolean allowed) {
    GatewayResource gateway =
        Yaml.read(
            GatewayResource.class,
            """
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: Gateway
            metadata: {name: door, namespace: shop}
            spec:
              gatewayClassName: culvert
              listeners:
              - name: a
                port: 80
                protocol: HTTP
                allowedRoutes:
                  namespaces: {from: %s, selector: {matchExpressions: [{key: x, operator: Exists}]}}
            """
                .formatted(from));
    Map<String, String> labels = name.equals("other") ? Map.of("x", "") : Map.of();
    NamespaceResource namespace =
        new NamespaceResource(new ObjectMeta("", name, name, labels, Map.of(), Optional.empty()));

    assertThat(gateway.listeners().getFirst().allowedRoutes().allows(namespace, "shop"))
        .isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource({
    "IN, true, false, false",
    "NOT_IN, false, true, true",
    "EXISTS, true, true, false",
    "DOES_NOT_EXIST, false, false, true"
  })
  void requirementHoldsAsInKubernetes(
      Operator operator, boolean same, boolean other, boolean missing) {
    LabelSelector selector =
        new LabelSelector(Map.of(), List.of(new Requirement("key", operator, Set.of("a", "b"))));

    assertThat(selector.matches(Map.of("key", "a"))).isEqualTo(same);
    assertThat(selector.matches(Map.of("key", "c"))).isEqualTo(other);
    assertThat(selector.matches(Map.of())).isEqualTo(missing);
  }
}
