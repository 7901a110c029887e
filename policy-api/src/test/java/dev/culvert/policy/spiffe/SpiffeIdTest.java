// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.spiffe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpiffeIdTest {
  private static final TrustDomain CLUSTER = new TrustDomain("cluster.local");

  @Test
  void workloadIdentityHasItsParts() {
    SpiffeId id = SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/web");

    assertThat(id.trustDomain()).isEqualTo(CLUSTER).hasToString("cluster.local");
    assertThat(id.path()).isEqualTo("/ns/shop/sa/web");
    assertThat(id.namespace()).contains("shop");
    assertThat(id.serviceAccount()).contains("web");
    assertThat(id.principal()).isEqualTo("cluster.local/ns/shop/sa/web");
    assertThat(id).hasToString("spiffe://cluster.local/ns/shop/sa/web");
  }

  @Test
  void buildingIsTheSameAsReading() {
    SpiffeId built = SpiffeId.workload(CLUSTER, "shop", "web");
    SpiffeId read = SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/web");

    assertThat(built).isEqualTo(read).hasSameHashCodeAs(read);
    assertThat(built).isNotEqualTo(SpiffeId.workload(CLUSTER, "shop", "db"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://cluster.local",
        "spiffe://cluster.local/gateway",
        "spiffe://cluster.local/ns/shop",
        "spiffe://cluster.local/ns/shop/sa/web/extra",
        "spiffe://cluster.local/sa/web/ns/shop"
      })
  void otherPathsHaveNoNamespace(String uri) {
    SpiffeId id = SpiffeId.parse(uri);

    assertThat(id).hasToString(uri);
    assertThat(id.namespace()).isEmpty();
    assertThat(id.serviceAccount()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          ""                                      | it must start with spiffe://
          cluster.local/ns/shop/sa/web            | it must start with spiffe://
          https://cluster.local/ns/shop/sa/web    | it must start with spiffe://
          SPIFFE://cluster.local/ns/shop/sa/web   | it must start with spiffe://
          spiffe:cluster.local                    | it must start with spiffe://
          spiffe://                               | it is empty
          spiffe:///ns/shop/sa/web                | it is empty
          spiffe://Cluster.local/ns/a/sa/b        | only a-z, 0-9, '.', '_' and '-'
          spiffe://clust%65r.local/a              | only a-z, 0-9, '.', '_' and '-'
          spiffe://user@cluster.local/a           | user information is not allowed
          spiffe://user:word@cluster.local/a      | not allowed
          spiffe://cluster.local:443/a            | a port is not allowed
          spiffe://[fd00:c01::1]/a                | only a-z, 0-9, '.', '_' and '-'
          spiffe://cluster.local/a?b              | a query is not allowed
          spiffe://cluster.local?b                | a query is not allowed
          spiffe://cluster.local/a#b              | a fragment is not allowed
          spiffe://cluster.local/                 | an empty path segment
          spiffe://cluster.local/a/               | an empty path segment
          spiffe://cluster.local//a               | an empty path segment
          spiffe://cluster.local/a/./b            | '.' and '..' are not allowed
          spiffe://cluster.local/a/../b           | '.' and '..' are not allowed
          spiffe://cluster.local/a%2fb            | are allowed in a path segment
          spiffe://cluster.local/a b              | are allowed in a path segment
          spiffe://cluster.local/ä                | are allowed in a path segment
          """)
  void brokenRuleIsNamed(String uri, String problem) {
    assertThatThrownBy(() -> SpiffeId.parse(uri))
        .isInstanceOf(InvalidSpiffeIdException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void dotsInsideASegmentAreFine() {
    assertThat(SpiffeId.parse("spiffe://a_b-c.9/..x/A.b_c-d").path()).isEqualTo("/..x/A.b_c-d");
  }

  @Test
  void namespaceCannotSmuggleASegment() {
    assertThatThrownBy(() -> SpiffeId.workload(CLUSTER, "shop/sa/admin", ""))
        .isInstanceOf(InvalidSpiffeIdException.class);
  }

  @Test
  void pathStartsWithASlash() {
    assertThatThrownBy(() -> new SpiffeId(CLUSTER, "ns/shop"))
        .hasMessageContaining("the path must start with '/'");
  }

  @Test
  void uriOf2048CharactersIsTheLongest() {
    String start = "spiffe://a/";
    String longest = start + "b".repeat(SpiffeId.MAX_LENGTH - start.length());

    assertThat(SpiffeId.parse(longest)).hasToString(longest);
    assertThatThrownBy(() -> SpiffeId.parse(longest + "b"))
        .hasMessageContaining("longer than 2048");
    assertThatThrownBy(() -> new SpiffeId(CLUSTER, "/" + "b".repeat(2048)))
        .hasMessageContaining("longer than 2048");
  }

  @Test
  void trustDomainOf255CharactersIsTheLongest() {
    assertThat(new TrustDomain("a".repeat(255)).name()).hasSize(255);
    assertThatThrownBy(() -> new TrustDomain("a".repeat(256)))
        .isInstanceOf(InvalidSpiffeIdException.class)
        .hasMessageContaining("longer than 255");
  }

  @Test
  void hostileTextIsQuotedBriefly() {
    assertThatThrownBy(() -> SpiffeId.parse("\n\u001b[31m" + "x".repeat(5000)))
        .message()
        .hasSizeLessThan(300)
        .doesNotContain("\n")
        .doesNotContain("\u001b");
  }
}
