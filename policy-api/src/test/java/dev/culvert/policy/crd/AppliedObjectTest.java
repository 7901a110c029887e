// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.crd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What an API server stores of our kinds, and what it refuses with which words. */
class AppliedObjectTest {
  /** A document of our group in a page, up to its end, or that of what writes it. */
  private static final Pattern WRITTEN =
      Pattern.compile(
          "^apiVersion: policy\\.culvert\\.dev/v1alpha1$.*?(?=^(---|END|```)$)",
          Pattern.MULTILINE | Pattern.DOTALL);

  /** What breaks a rule, and the words of that rule: one for each, and each way to break it. */
  private static final String BROKEN =
      """
      AuthorizationPolicy   | {selector: {matchLabels: {a: b}}, targetRefs: [{kind: Gateway, name: g}]}        | .spec: selector cannot stand beside targetRefs; remove one of them
      AuthorizationPolicy   | {selector: {matchLabels: {a: b}}, targetRef: {kind: Gateway, name: g}}           | .spec: selector cannot stand beside targetRefs; remove one of them
      AuthorizationPolicy   | {action: CUSTOM, rules: [{}]}                                                    | .spec: action CUSTOM needs a provider, and no other action has one; add provider.name or change the action
      AuthorizationPolicy   | {action: DENY, provider: {name: p}}                                              | .spec: action CUSTOM needs a provider, and no other action has one; add provider.name or change the action
      AuthorizationPolicy   | {provider: {name: p}}                                                            | .spec: action CUSTOM needs a provider, and no other action has one; add provider.name or change the action
      AuthorizationPolicy   | {rules: [{from: [{source: {serviceAccounts: [a], principals: [b]}}]}]}           | .spec.rules[0].from[0].source: serviceAccounts cannot stand beside principals or namespaces; use one way to name identities in a source
      AuthorizationPolicy   | {rules: [{from: [{source: {notServiceAccounts: [a], notNamespaces: [b]}}]}]}     | .spec.rules[0].from[0].source: serviceAccounts cannot stand beside principals or namespaces; use one way to name identities in a source
      AuthorizationPolicy   | {rules: [{when: [{key: source.ip}]}]}                                            | .spec.rules[0].when[0]: neither values nor notValues holds anything; add a value to one
      AuthorizationPolicy   | {rules: [{when: [{key: source.ip, values: []}]}]}                                | .spec.rules[0].when[0]: neither values nor notValues holds anything; add a value to one
      PeerAuthentication    | {portLevelMtls: {'80': {mode: STRICT}}}                                          | .spec: portLevelMtls means something only for selected workloads; add selector.matchLabels or remove the ports
      PeerAuthentication    | {selector: {matchLabels: {}}, portLevelMtls: {'80': {mode: STRICT}}}             | .spec: portLevelMtls means something only for selected workloads; add selector.matchLabels or remove the ports
      PeerAuthentication    | {selector: {matchLabels: {a: b}}, portLevelMtls: {'0': {mode: STRICT}}}          | .spec.portLevelMtls: a key of portLevelMtls is no port; write 1 to 65535
      PeerAuthentication    | {selector: {matchLabels: {a: b}}, portLevelMtls: {'65536': {mode: STRICT}}}      | .spec.portLevelMtls: a key of portLevelMtls is no port; write 1 to 65535
      PeerAuthentication    | {selector: {matchLabels: {a: b}}, portLevelMtls: {http: {mode: STRICT}}}         | .spec.portLevelMtls: a key of portLevelMtls is no port; write 1 to 65535
      RequestAuthentication | {selector: {matchLabels: {a: b}}, targetRefs: [{kind: Gateway, name: g}]}        | .spec: selector cannot stand beside targetRefs; remove one of them
      RequestAuthentication | {jwtRules: [{issuer: i, jwks: '{}', jwksUri: 'https://a.example/keys'}]}         | .spec.jwtRules[0]: jwks cannot stand beside jwksUri; remove one of them
      TrafficPolicy         | {targetRefs: [{kind: Service, name: s}], healthCheck: {}}                        | .spec.healthCheck: write one of http, grpc and tcp
      TrafficPolicy         | {targetRefs: [{kind: Service, name: s}], healthCheck: {tcp: {}, grpc: {}}}       | .spec.healthCheck: write one of http, grpc and tcp
      TrafficPolicy         | {targetRefs: [{kind: Service, name: s}], faults: {abort: {percent: 1}}}          | .spec.faults.abort: write one of status and grpcStatus
      TrafficPolicy         | {targetRefs: [{kind: Service, name: s}], faults: {abort: {status: 500, grpcStatus: 1}}} | .spec.faults.abort: write one of status and grpcStatus
      TrafficPolicy         | {targetRefs: [{kind: Service, name: s}], proxyProtocol: {}}                      | .spec.proxyProtocol: write send for Services or acceptFrom for Gateways
      TrafficPolicy         | {targetRefs: [{kind: Service, name: s}], proxyProtocol: {send: V1, acceptFrom: [10.0.0.1]}} | .spec.proxyProtocol: write send for Services or acceptFrom for Gateways
      """;

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = BROKEN)
  void brokenRuleIsNamedInItsOwnWords(String kind, String spec, String words) {
    assertThat(AppliedObject.violations(resource(kind).orElseThrow(), of(kind, spec)))
        .containsExactly(words);
  }

  @Test
  void everyRuleIsBrokenByOneOfThese() {
    for (CustomResource resource : CustomResource.all()) {
      Set<String> messages = new HashSet<>();
      collect(resource.schema(), messages);
      assertThat(messages)
          .as(resource.kind())
          .isNotEmpty()
          .allMatch(
              message ->
                  BROKEN
                      .lines()
                      .anyMatch(
                          line -> line.startsWith(resource.kind()) && line.endsWith(message)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          AuthorizationPolicy | {}
          AuthorizationPolicy | {selector: {}, targetRefs: [{kind: Service, name: s}], action: DENY, rules: [{}]}
          AuthorizationPolicy | {action: CUSTOM, provider: {name: p}, rules: [{to: [{operation: {ports: ['80']}}]}]}
          AuthorizationPolicy | {rules: [{from: [{source: {serviceAccounts: [a], ipBlocks: [10.0.0.0/8]}}]}]}
          PeerAuthentication  | {mtls: {mode: STRICT}, portLevelMtls: {}}
          PeerAuthentication  | {selector: {matchLabels: {a: b}}, portLevelMtls: {'1': {}, '65535': {mode: DISABLE}}}
          TrafficPolicy       | {targetRefs: [{kind: Service, name: s}], faults: {abort: {grpcStatus: 14}}, healthCheck: {grpc: {}}}
          """)
  void whatKeepsTheRulesIsStored(String kind, String spec) {
    assertThat(AppliedObject.violations(resource(kind).orElseThrow(), of(kind, spec))).isEmpty();
  }

  static Stream<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (String folder :
        List.of("../docs", "src/test/resources/translate", "../controlplane/src/test/resources")) {
      try (Stream<Path> files = Files.walk(Path.of(folder))) {
        files
            .filter(file -> file.toString().matches(".*\\.(md|yaml)"))
            .filter(file -> !documents(file).isEmpty())
            .forEach(pages::add);
      }
    }
    return pages.stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void whatPeopleAreShownIsStored(Path page) {
    for (Map<String, Object> document : documents(page)) {
      resource((String) document.get("kind"))
          .ifPresent(
              resource -> assertThat(AppliedObject.violations(resource, document)).isEmpty());
    }
  }

  private static List<Map<String, Object>> documents(Path page) {
    try {
      return WRITTEN
          .matcher(Files.readString(page) + "\n---\n")
          .results()
          .map(found -> yaml(found.group()))
          .toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Map<String, Object> of(String kind, String spec) {
    return yaml(
        "{apiVersion: policy.culvert.dev/v1alpha1, kind: %s, spec: %s}".formatted(kind, spec));
  }

  @SuppressWarnings("unchecked") // an object
  private static Map<String, Object> yaml(String text) {
    return (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(text);
  }

  private static Optional<CustomResource> resource(String kind) {
    return CustomResource.all().stream().filter(one -> one.kind().equals(kind)).findFirst();
  }

  @SuppressWarnings("unchecked") // as JSON has them
  private static void collect(Object schema, Set<String> messages) {
    if (schema instanceof Map<?, ?> map) {
      CelRules.rules((Map<String, Object>) map)
          .forEach(rule -> messages.add((String) rule.get("message")));
      map.values().forEach(part -> collect(part, messages));
    }
  }
}
