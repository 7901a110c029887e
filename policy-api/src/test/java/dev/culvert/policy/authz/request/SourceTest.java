// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a rule says of who asks, and on which conditions. */
final class SourceTest extends RequestPolicyCase {
  @Test
  void principalsNamespacesAndServiceAccounts() {
    TestFacts web = REQUEST.as("spiffe://cluster.local/ns/shop/sa/web");
    assertThat(allows(from("principals: [cluster.local/ns/shop/sa/web]"), web)).isTrue();
    assertThat(allows(from("principals: ['*']"), web)).isTrue();
    assertThat(allows(from("principals: ['*']"), REQUEST)).isFalse();
    assertThat(denies(from("notPrincipals: ['*']"), REQUEST)).isTrue();
    assertThat(allows(from("namespaces: [shop]"), web)).isTrue();
    assertThat(allows(from("namespaces: [other]"), web)).isFalse();
    assertThat(denies(from("notNamespaces: [shop]"), web)).isFalse();
    assertThat(allows(from("serviceAccounts: [web]"), web)).isTrue();
    assertThat(allows(from("serviceAccounts: [other/web]"), web)).isFalse();
    assertThat(denies(from("notServiceAccounts: [shop/web]"), web)).isFalse();
  }

  @Test
  void addressesOfThePeerAndOfTheClientBehindProxies() {
    assertThat(allows(from("ipBlocks: [198.18.0.0/15]"), REQUEST)).isTrue();
    assertThat(allows(from("ipBlocks: [198.18.0.2]"), REQUEST)).isFalse();
    assertThat(denies(from("notIpBlocks: [198.18.0.0/15]"), REQUEST)).isFalse();
    assertThat(allows(from("remoteIpBlocks: ['fd00:c01::/32']"), REQUEST)).isTrue();
    assertThat(denies(from("notRemoteIpBlocks: ['fd00:c01::/32']"), REQUEST)).isFalse();
  }

  @Test
  void requestPrincipals() {
    TestFacts bearer = REQUEST.bearer(Map.of("iss", List.of("login"), "sub", List.of("ann")));
    assertThat(allows(from("requestPrincipals: [login/ann]"), bearer)).isTrue();
    assertThat(allows(from("requestPrincipals: ['login/*']"), bearer)).isTrue();
    assertThat(allows(from("requestPrincipals: ['*']"), REQUEST)).isFalse();
    assertThat(denies(from("notRequestPrincipals: ['*']"), REQUEST)).isTrue();
  }

  @Test
  void everyFieldOfOneSourceMustMatchAndOneSourceIsEnough() {
    TestFacts web = REQUEST.as("spiffe://cluster.local/ns/shop/sa/web");
    assertThat(allows(from("namespaces: [shop], ipBlocks: [198.18.0.2]"), web)).isFalse();
    String two = "{from: [{source: {namespaces: [none]}}, {source: {namespaces: [shop]}}]}";
    assertThat(allows(two, web)).isTrue();
  }

  @Test
  void conditionsOnAttributes() {
    TestFacts web = REQUEST.as("spiffe://cluster.local/ns/shop/sa/web");
    assertThat(allows(when("source.ip", "values: [198.18.0.1]"), web)).isTrue();
    assertThat(allows(when("remote.ip", "values: ['fd00:c01::1']"), web)).isTrue();
    assertThat(allows(when("destination.ip", "values: [198.18.0.9]"), web)).isTrue();
    assertThat(allows(when("destination.port", "values: ['8080']"), web)).isTrue();
    assertThat(allows(when("source.namespace", "values: [shop]"), web)).isTrue();
    assertThat(allows(when("source.principal", "notValues: ['*']"), web)).isFalse();
    assertThat(allows(when("source.serviceAccount", "values: [shop/web]"), web)).isTrue();
    assertThat(allows(when("connection.sni", "values: [shop.example.com]"), web)).isTrue();
  }

  @Test
  void conditionsOnTokens() {
    TestFacts bearer =
        REQUEST.bearer(
            Map.of(
                "iss", List.of("login"),
                "sub", List.of("ann"),
                "aud", List.of("shop", "mail"),
                "azp", List.of("app"),
                "realm.groups", List.of("admin", "staff")));
    assertThat(allows(when("request.auth.principal", "values: [login/ann]"), bearer)).isTrue();
    assertThat(allows(when("request.auth.audiences", "values: [mail]"), bearer)).isTrue();
    assertThat(allows(when("request.auth.presenter", "values: [app]"), bearer)).isTrue();
    assertThat(allows(when("request.auth.claims[realm][groups]", "values: [staff]"), bearer))
        .isTrue();
    assertThat(allows(when("request.auth.claims[realm][groups]", "notValues: [admin]"), bearer))
        .isFalse();
    assertThat(allows(when("request.auth.claims[realm][groups]", "values: ['*']"), REQUEST))
        .isFalse();
  }

  @Test
  void headersByNameInAnyCase() {
    TestFacts canary = REQUEST.header("x-canary", "yes");
    assertThat(allows(when("request.headers[X-Canary]", "values: ['yes']"), canary)).isTrue();
    assertThat(allows(when("request.headers[x-canary]", "values: ['y*']"), canary)).isTrue();
    assertThat(allows(when("request.headers[x-canary]", "values: ['*']"), REQUEST)).isFalse();
    assertThat(denies(when("request.headers[x-canary]", "notValues: ['yes']"), REQUEST)).isTrue();
  }

  @Test
  void headerSentTwiceIsReadTheStrictWay() {
    TestFacts both = REQUEST.header("x-role", "guest", "admin");
    assertThat(allows(when("request.headers[x-role]", "values: [admin]"), both)).isFalse();
    assertThat(denies(when("request.headers[x-role]", "values: [admin]"), both)).isTrue();
    assertThat(allows(when("request.headers[x-role]", "notValues: [guest]"), both)).isFalse();
    assertThat(denies(when("request.headers[x-role]", "notValues: [admin]"), both)).isTrue();
  }
}
