// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.policy.wire.security.Authorization;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvalidPolicyTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          principals {}                    | principals: a value has no known match type
          not_namespaces {}                | not_namespaces: a value has no known match type
          source_ips { address: 'abc' }    | source_ips: an address has 3 bytes
          source_ips {}                    | source_ips: an address has 0 bytes
          not_source_ips { address: 'abcd' length: 33 } | prefix length 33 is too long; write 0 to 32
          destination_ips { address: '0123456789abcdef' length: 129 } | write 0 to 128
          destination_ips { address: 'abcd' length: 4294967295 } | prefix length 4294967295
          destination_ports: 0             | port 0 does not exist; write 1 to 65535
          not_destination_ports: 65536     | port 65536 does not exist
          destination_ports: 4294967295    | port 4294967295 does not exist
          service_accounts { serviceAccount: 'web' }  | lacks its namespace or service account
          not_service_accounts { namespace: 'shop' }  | lacks its namespace or service account
          extensions { name: 'geo' }       | extension 'geo' is not supported
          """)
  void meaninglessValueIsRefused(String match, String problem) {
    assertThatThrownBy(() -> Policies.match(match))
        .isInstanceOf(InvalidPolicyException.class)
        .hasMessageStartingWith("policy shop/p: rules[0].clauses[0].matches[0].")
        .hasMessageContaining(problem);
  }

  @Test
  void unknownFieldCouldNarrowTheMatchSoThePolicyIsRefused() throws Exception {
    byte[] field99InAMatch = {0x2a, 7, 0x0a, 5, 0x12, 3, (byte) 0x98, 6, 1};

    assertThatThrownBy(() -> CompiledAuthorization.compile(named(field99InAMatch)))
        .isInstanceOf(InvalidPolicyException.class)
        .hasMessageContaining("fields [99]")
        .hasMessageContaining("update this proxy");
  }

  @Test
  void unknownScopeAndActionAreRefused() {
    Authorization scope = Authorization.newBuilder().setName("p").setScopeValue(7).build();
    Authorization action = Authorization.newBuilder().setName("p").setActionValue(9).build();

    assertThatThrownBy(() -> CompiledAuthorization.compile(scope))
        .hasMessageContaining("scope: value 7 is not known");
    assertThatThrownBy(() -> CompiledAuthorization.compile(action))
        .hasMessageContaining("action: value 9 is not known");
  }

  @Test
  void namesAreNeeded() {
    assertThatThrownBy(() -> CompiledAuthorization.compile(Policies.wire("namespace: 'shop'")))
        .hasMessageContaining("name: it is empty");
    assertThatThrownBy(
            () -> CompiledAuthorization.compile(Policies.wire("name: 'p' scope: NAMESPACE")))
        .hasMessageContaining("namespace: it is empty");
    assertThat(CompiledAuthorization.compile(Policies.wire("name: 'p' scope: GLOBAL")).key())
        .isEqualTo(new PolicyKey("", "p"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "shop", "shop/", "/", "a/b/c"})
  void policyKeyOfAnotherForm(String text) {
    assertThatThrownBy(() -> PolicyKey.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NAMESPACE/NAME");
  }

  @Test
  void policyShowsItself() {
    assertThat(Policies.policy("action: DENY dry_run: true"))
        .hasToString("DENY shop/p (WORKLOAD_SELECTOR) dry-run");
  }

  @Test
  void connectionShowsItself() {
    assertThat(Connections.plaintext()).hasToString("no identity (198.18.0.1) -> 198.18.9.9:80");
    assertThat(Connections.plaintext())
        .isEqualTo(Connections.plaintext())
        .hasSameHashCodeAs(Connections.plaintext())
        .isNotEqualTo(Connections.toPort(81))
        .returns(Optional.empty(), ConnectionFacts::source)
        .returns(Connections.ip("198.18.0.1"), ConnectionFacts::sourceIp)
        .returns(Connections.ip("198.18.9.9"), ConnectionFacts::destinationIp);
  }

  private static Authorization named(byte[] wire) throws InvalidProtocolBufferException {
    return Authorization.parseFrom(wire).toBuilder().setName("p").setNamespace("shop").build();
  }
}
