// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static dev.culvert.policy.authz.Connections.peer;
import static dev.culvert.policy.authz.Connections.plaintext;
import static dev.culvert.policy.authz.Policies.match;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityMatchingTest {
  private static final ConnectionFacts WEB = peer("cluster.local/ns/shop/sa/web");
  private static final ConnectionFacts DB = peer("cluster.local/ns/shop/sa/db");
  private static final ConnectionFacts OTHER_DOMAIN = peer("other.org/ns/shop/sa/web");
  private static final ConnectionFacts GATEWAY = peer("cluster.local/gateway");

  @Test
  void principalsAreWrittenWithoutScheme() {
    assertThat(match("principals { exact: 'cluster.local/ns/shop/sa/web' }").matches(WEB)).isTrue();
    assertThat(match("principals { exact: 'spiffe://cluster.local/ns/shop/sa/web' }").matches(WEB))
        .isFalse();
  }

  @Test
  void principalsAreComparedWithTheirTrustDomain() {
    assertThat(match("principals { exact: 'cluster.local/ns/shop/sa/web' }").matches(OTHER_DOMAIN))
        .isFalse();
  }

  @Test
  void oneOfTheValuesIsEnough() {
    CompiledAuthorization policy =
        match(
            """
            principals { exact: "cluster.local/ns/shop/sa/api" }
            principals { exact: "cluster.local/ns/shop/sa/web" }
            """);

    assertThat(policy.matches(WEB)).isTrue();
    assertThat(policy.matches(DB)).isFalse();
  }

  @Test
  void prefixAndSuffix() {
    assertThat(match("principals { prefix: 'cluster.local/ns/shop/' }").matches(DB)).isTrue();
    assertThat(match("principals { prefix: 'ns/shop/' }").matches(DB)).isFalse();
    assertThat(match("principals { suffix: '/sa/db' }").matches(DB)).isTrue();
    assertThat(match("principals { suffix: '/sa/db' }").matches(WEB)).isFalse();
  }

  @Test
  void presenceMeansAnyIdentity() {
    assertThat(match("principals { presence {} }").matches(GATEWAY)).isTrue();
    assertThat(match("principals { presence {} }").matches(plaintext())).isFalse();
  }

  @Test
  void presenceOfANamespaceNeedsOneInTheIdentity() {
    assertThat(match("namespaces { presence {} }").matches(WEB)).isTrue();
    assertThat(match("namespaces { presence {} }").matches(GATEWAY)).isFalse();
  }

  @Test
  void namespaces() {
    assertThat(match("namespaces { exact: 'shop' }").matches(OTHER_DOMAIN)).isTrue();
    assertThat(match("namespaces { exact: 'sho' }").matches(WEB)).isFalse();
    assertThat(match("namespaces { prefix: 'sho' }").matches(WEB)).isTrue();
  }

  @Test
  void serviceAccountsIgnoreTheTrustDomain() {
    CompiledAuthorization policy =
        match("service_accounts { namespace: 'shop' serviceAccount: 'web' }");

    assertThat(policy.matches(WEB)).isTrue();
    assertThat(policy.matches(OTHER_DOMAIN)).isTrue();
    assertThat(policy.matches(DB)).isFalse();
    assertThat(policy.matches(peer("cluster.local/ns/bank/sa/web"))).isFalse();
    assertThat(policy.matches(GATEWAY)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "principals { presence {} }",
        "principals { prefix: '' }",
        "principals { exact: '' }",
        "namespaces { suffix: '' }",
        "namespaces { exact: '' }",
        "service_accounts { namespace: 'shop' serviceAccount: 'web' }"
      })
  void plaintextPeerFitsNoIdentity(String field) {
    assertThat(match(field).matches(plaintext())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not_principals { presence {} }",
        "not_principals { prefix: '' }",
        "not_namespaces { exact: 'shop' }",
        "not_service_accounts { namespace: 'shop' serviceAccount: 'web' }"
      })
  void plaintextPeerFitsEveryNegative(String field) {
    assertThat(match(field).matches(plaintext())).isTrue();
    assertThat(match(field).matches(WEB)).isFalse();
  }

  @Test
  void negativeNarrowsItsPositive() {
    CompiledAuthorization policy =
        match("namespaces { exact: 'shop' } not_principals { suffix: '/sa/db' }");

    assertThat(policy.matches(WEB)).isTrue();
    assertThat(policy.matches(DB)).isFalse();
    assertThat(policy.matches(plaintext())).isFalse();
  }

  @Test
  void oneValueOfANegativeIsEnoughToRefuse() {
    CompiledAuthorization policy =
        match("not_namespaces { exact: 'bank' } not_namespaces { exact: 'shop' }");

    assertThat(policy.matches(WEB)).isFalse();
    assertThat(policy.matches(peer("cluster.local/ns/cafe/sa/web"))).isTrue();
  }
}
