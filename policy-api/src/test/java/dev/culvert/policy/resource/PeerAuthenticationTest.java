// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.PeerAuthentication.Mode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerAuthenticationTest {

  @Test
  void everyFieldOfAPolicy() {
    PeerAuthentication policy =
        policy(
            """
            spec:
              selector: {matchLabels: {app: web}}
              mtls: {mode: STRICT}
              portLevelMtls: {8080: {mode: PERMISSIVE}, "9090": {mode: DISABLE}, 9091: {}}
            """);

    assertThat(policy.selector()).isEqualTo(Map.of("app", "web"));
    assertThat(policy.mode()).isEqualTo(Mode.STRICT);
    assertThat(policy.portLevelMtls())
        .isEqualTo(Map.of(8080, Mode.PERMISSIVE, 9090, Mode.DISABLE, 9091, Mode.UNSET));
  }

  @Test
  void modeIsUnsetUnlessWritten() {
    assertThat(policy("").mode()).isEqualTo(Mode.UNSET);
    assertThat(policy("spec: {mtls: {}}").mode()).isEqualTo(Mode.UNSET);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          spec: {mtls: {mode: strict}}      | spec.mtls.mode: 'strict' is not known; did you mean 'STRICT'?
          spec: {mtls: {mode: true}}        | spec.mtls.mode: true/false stands where text is needed
          spec: {mtls: STRICT}              | spec.mtls: text stands where an object is needed
          spec: {mTLS: {mode: STRICT}}      | spec.mTLS: unknown field; did you mean 'mtls'?
          spec: {mtls: {modus: STRICT}}     | spec.mtls.modus: unknown field; did you mean 'mode'?
          spec: {portLevelMtls: {80: {mode: STRICT}}} | spec.portLevelMtls: ports mean something only for selected workloads; add selector.matchLabels
          spec: {selector: {matchLabels: {a: b}}, portLevelMtls: {http: {mode: STRICT}}} | spec.portLevelMtls.http: 'http' is no port
          spec: {selector: {matchLabels: {a: b}}, portLevelMtls: {80: {mode: ON}}} | spec.portLevelMtls.80.mode: 'ON' is not known
          """)
  void mistakeIsNamedWithItsRemedy(String part, String problem) {
    assertThat(Yaml.error(yaml(part))).contains(problem);
  }

  private static PeerAuthentication policy(String part) {
    return Yaml.read(PeerAuthentication.class, yaml(part));
  }

  private static String yaml(String part) {
    return "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n"
        + "metadata: {name: web, namespace: shop}\n"
        + part
        + "\n";
  }
}
