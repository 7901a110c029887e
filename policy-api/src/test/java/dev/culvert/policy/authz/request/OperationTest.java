// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ResourceFiles;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a rule says of the request itself. */
final class OperationTest extends RequestPolicyCase {
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
