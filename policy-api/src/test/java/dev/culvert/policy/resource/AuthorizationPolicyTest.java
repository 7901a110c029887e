// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.AuthorizationPolicy.Action;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizationPolicyTest {

  @Test
  void everyFieldOfAPolicy() {
    AuthorizationPolicy policy =
        policy(
            """
            spec:
              selector: {matchLabels: {app: web}}
              action: DENY
              rules:
              - from:
                - source:
                    principals: [cluster.local/ns/shop/sa/api]
                    notPrincipals: ["*/sa/evil"]
                    requestPrincipals: ["issuer/*"]
                    notRequestPrincipals: ["*"]
                    namespaces: [shop]
                    notNamespaces: [bank]
                    ipBlocks: [198.18.0.0/16, "fd00:c01::1"]
                    notIpBlocks: [198.18.1.1]
                    remoteIpBlocks: [198.19.0.0/16]
                    notRemoteIpBlocks: ["::/0"]
                - source:
                    serviceAccounts: [web, bank/teller]
                    notServiceAccounts: [db]
                to:
                - operation:
                    hosts: [web.example.org]
                    notHosts: ["*.internal"]
                    ports: ["80", "443"]
                    notPorts: ["81"]
                    methods: [GET]
                    notMethods: [POST]
                    paths: ["/a/*", "/b/{*}/c"]
                    notPaths: [/admin]
                when:
                - {key: source.ip, values: [198.18.0.1], notValues: [198.18.0.2]}
                - {key: "request.headers[x-user]", values: [ann]}
            """);

    assertThat(policy.selector()).isEqualTo(Map.of("app", "web"));
    assertThat(policy.action()).isEqualTo(Action.DENY);
    AuthorizationRule rule = policy.rules().getFirst();
    assertThat(rule.from())
        .containsExactly(
            new Source(
                values(List.of("cluster.local/ns/shop/sa/api"), List.of("*/sa/evil")),
                values(List.of("issuer/*"), List.of("*")),
                values(List.of("shop"), List.of("bank")),
                values(
                    List.of(IpBlock.parse("198.18.0.0/16"), IpBlock.parse("fd00:c01::1/128")),
                    List.of(IpBlock.parse("198.18.1.1/32"))),
                values(List.of(IpBlock.parse("198.19.0.0/16")), List.of(IpBlock.parse("::/0"))),
                Values.nothing()),
            new Source(
                Values.nothing(),
                Values.nothing(),
                Values.nothing(),
                Values.nothing(),
                Values.nothing(),
                values(
                    List.of(
                        new ServiceAccountRef("shop", "web"),
                        new ServiceAccountRef("bank", "teller")),
                    List.of(new ServiceAccountRef("shop", "db")))));
    assertThat(rule.to())
        .containsExactly(
            new Operation(
                values(List.of("web.example.org"), List.of("*.internal")),
                values(List.of(80, 443), List.of(81)),
                values(List.of("GET"), List.of("POST")),
                values(List.of("/a/*", "/b/{*}/c"), List.of("/admin"))));
    assertThat(rule.when())
        .containsExactly(
            new When("source.ip", values(List.of("198.18.0.1"), List.of("198.18.0.2"))),
            new When("request.headers[x-user]", values(List.of("ann"), List.of())));
  }

  @Test
  void policyWithoutSpecAllowsNothing() {
    AuthorizationPolicy policy = policy("");

    assertThat(policy.action()).isEqualTo(Action.ALLOW);
    assertThat(policy.rules()).isEmpty();
    assertThat(policy.selector()).isEmpty();
    assertThat(policy.dryRun()).isFalse();
  }

  @Test
  void ruleWithoutPartsIsARule() {
    assertThat(policy("spec: {rules: [{}]}").rules())
        .containsExactly(new AuthorizationRule(List.of(), List.of(), List.of()));
  }

  @Test
  void customWithProvider() {
    AuthorizationPolicy policy = policy("spec: {action: CUSTOM, provider: {name: opa}}");

    assertThat(policy.provider()).contains("opa");
  }

  @Test
  void targetRefs() {
    AuthorizationPolicy policy =
        policy(
            """
            spec:
              targetRefs: [{kind: Service, group: "", name: web}]
              targetRef: {kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}
            """);

    assertThat(policy.targetRefs())
        .containsExactly(
            new TargetRef("", "Service", "web"),
            new TargetRef("gateway.networking.k8s.io", "Gateway", "waypoint"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"istio.io/dry-run", "culvert.dev/dry-run"})
  void dryRunIsAnAnnotation(String annotation) {
    assertThat(annotated(annotation, "true").dryRun()).isTrue();
    assertThat(annotated(annotation, "false").dryRun()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "policy.culvert.dev/v1alpha1",
        "security.istio.io/v1",
        "security.istio.io/v1beta1"
      })
  void ourGroupAndIstiosMeanTheSame(String apiVersion) {
    String yaml = "apiVersion: " + apiVersion + "\nkind: AuthorizationPolicy\nmetadata: {name: p}";

    assertThat(Yaml.read(AuthorizationPolicy.class, yaml).key())
        .isEqualTo(new ResourceKey("AuthorizationPolicy", "default", "p"));
  }

  @Test
  void statusAndServerFieldsAreNotUnknown() {
    AuthorizationPolicy policy =
        Yaml.read(
            AuthorizationPolicy.class,
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: p, generation: 2, managedFields: [{manager: kubectl}]}
            spec: {}
            status: {conditions: [{type: Accepted}]}
            """);

    assertThat(policy.metadata().name()).isEqualTo("p");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          spec: {rulez: []}                     | spec.rulez: unknown field; did you mean 'rules'?
          spek: {}                              | spek: unknown field; did you mean 'spec'?
          spec: {selector: {matchLabel: {a: b}}} | spec.selector.matchLabel: unknown field; did you mean 'matchLabels'?
          spec: {rules: [{form: []}]}           | spec.rules[0].form: unknown field; did you mean 'from'?
          spec: {rules: [{from: [{source: {principles: [a]}}]}]} | spec.rules[0].from[0].source.principles: unknown field; did you mean 'principals'?
          spec: {rules: [{to: [{operation: {zzzzzzzzz: [a]}}]}]} | zzzzzzzzz: unknown field; remove it; known here: hosts, notHosts, ports, notPorts, methods, notMethods, paths, notPaths
          spec: {action: deny}                  | spec.action: 'deny' is not known; did you mean 'DENY'?
          spec: {action: REFUSE}                | spec.action: 'REFUSE' is not known; write one of ALLOW, DENY, AUDIT, CUSTOM
          spec: {action: CUSTOM}                | spec.provider: action CUSTOM needs one; add provider.name
          spec: {provider: {name: opa}}         | spec.provider: action ALLOW has none; remove it or use action CUSTOM
          spec: {selector: {matchLabels: {a: b}}, targetRefs: [{kind: Service, name: web}]} | spec.selector: it cannot stand beside targetRefs
          spec: {targetRefs: [{kind: Service}]} | spec.targetRefs[0].name: it is missing
          spec: {targetRefs: [{kind: Service, name: web, namespace: bank}]} | a policy applies to its own namespace only
          spec: {rules: [{from: []}]}           | spec.rules[0].from: it is empty; add an entry, or remove it to match all
          spec: {rules: [{to: []}]}             | spec.rules[0].to: it is empty
          spec: {rules: [{from: [{}]}]}         | spec.rules[0].from[0].source: it is empty and would match nothing
          spec: {rules: [{from: [{source: {}}]}]} | spec.rules[0].from[0].source: it is empty and would match nothing
          spec: {rules: [{from: [{source: {principals: []}}]}]} | source: it is empty and would match nothing
          spec: {rules: [{to: [{operation: {}}]}]} | spec.rules[0].to[0].operation: it is empty
          spec: {rules: [{to: [{operation: {ports: [80]}}]}]} | operation.ports[0]: a number stands where text is needed; put it in quotes: "80"
          spec: {rules: [{to: [{operation: {ports: ["0"]}}]}]} | ports[0]: '0' is no port; write 1 to 65535
          spec: {rules: [{to: [{operation: {ports: ["http"]}}]}]} | ports[0]: 'http' is no port
          spec: {rules: [{to: [{operation: {ports: "80"}}]}]} | ports: text stands where a list is needed
          spec: {rules: [{to: [{operation: {paths: [""]}}]}]} | paths[0]: it is empty
          spec: {rules: [{from: [{source: {principals: ["spiffe://a/b"]}}]}]} | principals[0]: 'spiffe://a/b' would never match: principals have no scheme; write 'a/b'
          spec: {rules: [{from: [{source: {namespaces: ["a*b"]}}]}]} | namespaces[0]: 'a*b' has a '*' where it means nothing; use one '*', at the start or at the end
          spec: {rules: [{from: [{source: {namespaces: ["*a*"]}}]}]} | '*a*' has a '*' where it means nothing
          spec: {rules: [{from: [{source: {namespaces: ["**"]}}]}]} | '**' has a '*' where it means nothing
          spec: {rules: [{from: [{source: {namespaces: [~]}}]}]} | namespaces[0]: nothing stands where text is needed; write text or remove it
          spec: {rules: [{from: [{source: {namespaces: [[a]]}}]}]} | namespaces[0]: a list stands where text is needed; write text
          spec: {rules: [{from: [{source: {ipBlocks: [198.18.0.0/33]}}]}]} | ipBlocks[0]: '198.18.0.0/33' has no usable prefix length; write 0 to 32 after the slash
          spec: {rules: [{from: [{source: {ipBlocks: ["fd00::/129"]}}]}]} | write 0 to 128 after the slash
          spec: {rules: [{from: [{source: {ipBlocks: ["198.18.0.0/"]}}]}]} | has no usable prefix length
          spec: {rules: [{from: [{source: {ipBlocks: ["198.18.0.0/-1"]}}]}]} | has no usable prefix length
          spec: {rules: [{from: [{source: {ipBlocks: ["::ffff:198.18.0.0/95"]}}]}]} | write 96 to 128 after the slash
          spec: {rules: [{from: [{source: {ipBlocks: [web.local]}}]}]} | 'web.local' is no IP address
          spec: {rules: [{from: [{source: {serviceAccounts: [a/b/c]}}]}]} | 'a/b/c' is no service account; write NAME or NAMESPACE/NAME
          spec: {rules: [{from: [{source: {serviceAccounts: [a], namespaces: [b]}}]}]} | serviceAccounts: it cannot stand beside principals or namespaces
          spec: {rules: [{when: [{values: [a]}]}]} | spec.rules[0].when[0].key: it is missing
          spec: {rules: [{when: [{key: source.ip}]}]} | when[0].values: neither values nor notValues holds anything
          spec: {rules: [{when: [{key: source.ip, values: []}]}]} | neither values nor notValues holds anything
          spec: {rules: [{when: [{key: source.prinzipal, values: [a]}]}]} | attribute 'source.prinzipal' is not known; did you mean 'source.principal'?
          spec: {rules: [{when: [{key: moon.phase, values: [full]}]}]} | attribute 'moon.phase' is not known; known are source.ip
          spec: {rules: [{when: [{key: "request.headers[]", values: [a]}]}]} | attribute 'request.headers[]' is not known
          spec: {rules: [{when: [{key: source.ip, values: [here]}]}]} | values[0]: 'here' is no IP address
          spec: {rules: [{when: [{key: destination.port, notValues: ["99999"]}]}]} | notValues[0]: '99999' is no port
          spec: {rules: [{when: [{key: source.principal, values: ["spiffe://a"]}]}]} | principals have no scheme
          spec: {rules: {}}                     | spec.rules: an object stands where a list is needed
          spec: {rules: [[]]}                   | spec.rules[0]: a list stands where an object is needed
          """)
  void mistakeIsNamedWithItsRemedy(String part, String problem) {
    assertThat(Yaml.error(yaml(part)))
        .startsWith("mesh.yaml: document 1, line 4: ")
        .contains(problem);
  }

  @ParameterizedTest
  @CsvSource({
    "198.18.0.0/15, 198.18.0.0/15",
    "198.18.0.1, 198.18.0.1/32",
    "::ffff:198.18.0.0/112, 198.18.0.0/16",
    "fd00:c01::/32, fd00:c01:0:0:0:0:0:0/32"
  })
  void blockShowsItself(String text, String shown) {
    assertThat(IpBlock.parse(text)).hasToString(shown);
  }

  @Test
  void unknownMetadataIsAnError() {
    assertThat(
            Yaml.error(
                """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: p, namspace: shop}
                """))
        .contains("metadata.namspace: unknown field; did you mean 'namespace'?");
  }

  @Test
  void namesMustBeNames() {
    assertThat(
            Yaml.error(
                """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: a/b, namespace: shop}
                """))
        .contains("metadata.name: 'a/b' is no name");
    assertThat(
            Yaml.error(
                """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: p, namespace: shop.x}
                """))
        .contains("metadata.namespace: 'shop.x' is no namespace");
  }

  private static <T> Values<T> values(List<T> any, List<T> none) {
    return new Values<>(any, none);
  }

  private static AuthorizationPolicy annotated(String annotation, String value) {
    return Yaml.read(
        AuthorizationPolicy.class,
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p, annotations: {%s: "%s"}}
        """
            .formatted(annotation, value));
  }

  private static AuthorizationPolicy policy(String part) {
    return Yaml.read(AuthorizationPolicy.class, yaml(part));
  }

  private static String yaml(String part) {
    return "apiVersion: policy.culvert.dev/v1alpha1\nkind: AuthorizationPolicy\n"
        + "metadata: {name: web, namespace: shop}\n"
        + part
        + "\n";
  }
}
