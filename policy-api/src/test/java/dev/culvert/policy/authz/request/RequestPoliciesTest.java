// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.ResourceFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each field of a rule, and the order in which policies decide. */
class RequestPoliciesTest {
  private static final TestFacts REQUEST = TestFacts.get("/cart/7");

  private static List<AuthorizationPolicy> read(String... policies) {
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < policies.length; i++) {
      yaml.append(
          """
          ---
          apiVersion: security.istio.io/v1
          kind: AuthorizationPolicy
          metadata: {name: p%d, namespace: shop}
          spec: {%s}
          """
              .formatted(i, policies[i]));
    }
    ResourceFiles files = ResourceFiles.empty().with(Map.of("p.yaml", yaml.toString()));
    assertThat(files.errors()).isEmpty();
    return files.resources(AuthorizationPolicy.class).toList();
  }

  private static Verdict decide(TestFacts facts, String... policies) {
    return RequestPolicies.of(read(policies)).decide(facts);
  }

  private static boolean allows(String rule, TestFacts facts) {
    return decide(facts, "action: ALLOW, rules: [%s]".formatted(rule)).isAllowed();
  }

  private static boolean denies(String rule, TestFacts facts) {
    return !decide(facts, "action: DENY, rules: [%s]".formatted(rule)).isAllowed();
  }

  private static String from(String fields) {
    return "{from: [{source: {%s}}]}".formatted(fields);
  }

  private static String to(String fields) {
    return "{to: [{operation: {%s}}]}".formatted(fields);
  }

  private static String when(String key, String values) {
    return "{when: [{key: '%s', %s}]}".formatted(key, values);
  }

  @Test
  void withoutPolicyEverythingIsAllowed() {
    assertThat(RequestPolicies.NONE.decide(REQUEST).isAllowed()).isTrue();
    assertThat(RequestPolicies.NONE.isEmpty()).isTrue();
  }

  @Test
  void allowPolicyThatMatchesNothingDeniesEverything() {
    Verdict verdict = decide(REQUEST, "action: ALLOW");
    assertThat(verdict.isAllowed()).isFalse();
    assertThat(verdict.policy()).isEmpty();
  }

  @Test
  void denyWinsOverAllowWhateverTheirOrder() {
    Verdict verdict = decide(REQUEST, "rules: [{}]", "action: DENY, rules: [{}]");
    assertThat(verdict.isAllowed()).isFalse();
    assertThat(verdict.policy()).hasToString("Optional[shop/p1]");
  }

  @Test
  void providersOfCustomAreAskedOnceEach() {
    String custom = "action: CUSTOM, provider: {name: %s}, rules: [%s]";
    RequestPolicies policies =
        RequestPolicies.of(
            read(
                custom.formatted("opa", to("paths: ['/cart/*']")),
                custom.formatted("opa", "{}"),
                custom.formatted("other", "{}"),
                custom.formatted("third", to("paths: ['/other']"))));
    assertThat(policies.asks()).isTrue();
    assertThat(policies.questions(REQUEST))
        .extracting(Question::provider, one -> one.policy().toString())
        .containsExactly(tuple("opa", "shop/p0"), tuple("other", "shop/p2"));
    assertThat(policies.decide(REQUEST).isAllowed()).as("what they let through").isTrue();
  }

  @Test
  void allowNamesThePolicyThatDecided() {
    assertThat(decide(REQUEST, "rules: [%s]".formatted(to("methods: [GET]"))).policy())
        .hasToString("Optional[shop/p0]");
  }

  @Test
  void auditOnlyWatches() {
    RequestPolicies policies = RequestPolicies.of(read("action: AUDIT, rules: [{}]"));
    List<String> seen = new ArrayList<>();
    policies.watch(REQUEST, policy -> seen.add(policy.metadata().name()));
    assertThat(seen).containsExactly("p0");
    assertThat(policies.decide(REQUEST).isAllowed()).isTrue();
    assertThat(policies.isEmpty()).isFalse();
  }

  private static boolean letsConnect(String... policies) {
    return RequestPolicies.ofConnections(read(policies)).decide(REQUEST).isAllowed();
  }

  @Test
  void connectionIsAllowedByWhatItHas() {
    assertThat(letsConnect("rules: [%s]".formatted(from("ipBlocks: [198.18.0.1]")))).isTrue();
    assertThat(letsConnect("rules: [%s]".formatted(from("ipBlocks: [198.18.0.2]")))).isFalse();
    assertThat(letsConnect("rules: [%s]".formatted(from("remoteIpBlocks: ['fd00:c01::/32']"))))
        .isTrue();
    assertThat(letsConnect("rules: [%s]".formatted(to("ports: ['8080']")))).isTrue();
    assertThat(letsConnect("rules: [%s]".formatted(to("notPorts: ['8080']")))).isFalse();
    assertThat(
            letsConnect(
                "rules: [%s]".formatted(when("connection.sni", "values: ['*.example.com']"))))
        .isTrue();
  }

  @Test
  void ruleThatAsksForARequestAllowsNoConnection() {
    for (String rule :
        List.of(
            to("methods: [GET], ports: ['8080']"),
            to("notPaths: [/admin]"),
            to("hosts: ['*']"),
            from("notRequestPrincipals: ['*']"),
            when("request.headers[x-user]", "notValues: [eve]"),
            when("request.auth.claims[team]", "values: [shoes]"))) {
      assertThat(letsConnect("rules: [%s]".formatted(rule))).as(rule).isFalse();
      assertThat(letsConnect("rules: [%s, {}]".formatted(rule))).as("beside another").isTrue();
    }
  }

  @Test
  void ruleThatAsksForARequestForbidsConnectionsByItsRest() {
    String deny = "action: DENY, rules: [%s]";
    assertThat(letsConnect(deny.formatted(to("methods: [PUT], ports: ['8080']")))).isFalse();
    assertThat(letsConnect(deny.formatted(to("methods: [PUT], ports: ['81']")))).isTrue();
    assertThat(letsConnect(deny.formatted(to("paths: [/admin]")))).isFalse();
    assertThat(letsConnect(deny.formatted(from("requestPrincipals: ['a/b']")))).isFalse();
    assertThat(letsConnect(deny.formatted(when("request.headers[a]", "values: [b]")))).isFalse();
  }

  @Test
  void connectionsThatAProviderWouldBeAskedAboutAreDenied() {
    String custom = "action: CUSTOM, provider: {name: opa}, rules: [%s]";
    RequestPolicies policies =
        RequestPolicies.ofConnections(read(custom.formatted(to("ports: ['8080']"))));
    assertThat(policies.asks()).isFalse();
    assertThat(policies.decide(REQUEST))
        .isEqualTo(
            new Verdict.Deny(Optional.of(new PolicyKey("shop", "p0")), Verdict.Reason.UNUSABLE));
    assertThat(letsConnect(custom.formatted(to("ports: ['81']")))).isTrue();
  }

  @Test
  void paths() {
    assertThat(allows(to("paths: [/cart/7]"), REQUEST)).isTrue();
    assertThat(allows(to("paths: [/cart]"), REQUEST)).isFalse();
    assertThat(allows(to("paths: ['/cart/*']"), REQUEST)).isTrue();
    assertThat(allows(to("paths: ['*/7']"), REQUEST)).isTrue();
    assertThat(allows(to("paths: ['*']"), REQUEST)).isTrue();
  }

  @Test
  void pathTemplates() {
    assertThat(allows(to("paths: ['/cart/{*}']"), REQUEST)).isTrue();
    assertThat(allows(to("paths: ['/{*}/7']"), REQUEST)).isTrue();
    assertThat(allows(to("paths: ['/{*}']"), REQUEST)).isFalse();
    assertThat(allows(to("paths: ['/{**}']"), REQUEST)).isTrue();
    assertThat(allows(to("paths: ['/cart/{*}/items/{**}']"), TestFacts.get("/cart/7/items/a/b")))
        .isTrue();
    assertThat(allows(to("paths: ['/cart/{*}/items/{**}']"), TestFacts.get("/cart//items/a")))
        .isFalse();
    assertThat(allows(to("paths: ['/a.b/{*}']"), TestFacts.get("/axb/c"))).isFalse();
  }

  @Test
  void notPaths() {
    assertThat(denies(to("notPaths: ['/public/*']"), REQUEST)).isTrue();
    assertThat(denies(to("notPaths: ['/public/*']"), TestFacts.get("/public/logo"))).isFalse();
  }

  @Test
  void methodsAndNotMethods() {
    assertThat(allows(to("methods: [GET, HEAD]"), REQUEST)).isTrue();
    assertThat(allows(to("methods: [get]"), REQUEST)).isFalse();
    assertThat(denies(to("notMethods: [GET]"), REQUEST)).isFalse();
  }

  @Test
  void hostsWithAndWithoutPortInAnyCase() {
    assertThat(allows(to("hosts: [Shop.Example.com]"), REQUEST)).isTrue();
    assertThat(allows(to("hosts: ['shop.example.com:8080']"), REQUEST)).isTrue();
    assertThat(allows(to("hosts: ['shop.example.com:80']"), REQUEST)).isFalse();
    assertThat(allows(to("hosts: ['*.example.com']"), REQUEST)).isTrue();
    assertThat(denies(to("notHosts: ['*.example.com']"), REQUEST)).isFalse();
  }

  @Test
  void portsAndNotPorts() {
    assertThat(allows(to("ports: ['8080']"), REQUEST)).isTrue();
    assertThat(allows(to("ports: ['80']"), REQUEST)).isFalse();
    assertThat(denies(to("notPorts: ['80']"), REQUEST)).isTrue();
  }

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

  @Test
  void templateThatIsNoneIsRefused() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(
                Map.of(
                    "p.yaml",
                    """
                    apiVersion: security.istio.io/v1
                    kind: AuthorizationPolicy
                    metadata: {name: p, namespace: shop}
                    spec: {rules: [{to: [{operation: {paths: ['/a{*}/b']}}]}]}
                    """));
    assertThat(files.errors()).hasSize(1);
    assertThat(files.errors().getFirst().toString()).contains("no template of a path");
  }
}
