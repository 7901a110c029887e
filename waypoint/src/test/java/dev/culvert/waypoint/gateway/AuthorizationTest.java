// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** AuthorizationPolicies of a Gateway, on a running door. */
@Timeout(120)
final class AuthorizationTest {
  private static final String TARGET =
      "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}]";

  @TempDir private Path folder;

  private Backend backend;
  private TestDoor door;

  @BeforeEach
  void start() throws IOException {
    backend = Backend.echo();
    door = new TestDoor(folder);
    door.writeGateway("door", "*.example.com", "shop.example.com");
    write("web.yaml", TestDoor.service("shop", "web", backend));
  }

  @AfterEach
  void stop() {
    door.close();
    backend.close();
  }

  private void open(String... more) throws IOException {
    Map<String, String> settings = new HashMap<>();
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    door.openWith(settings);
  }

  private void write(String file, String text) throws IOException {
    door.write(file, text);
  }

  private Wire.Message ask(String method, String path, String... fields) throws IOException {
    return door.askHost("shop.example.com", method, path, fields);
  }

  private int status(String method, String path, String... fields) throws IOException {
    return ask(method, path, fields).status();
  }

  private boolean isAnswered(int wanted) {
    try {
      return status("GET", "/") == wanted;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void onlyWhatAnAllowPolicySaysReachesTheBackend() throws IOException {
    write(
        "policy.yaml",
        TestDoor.policy(
            "shop",
            "read",
            TARGET + ", rules: [{to: [{operation: {methods: [GET], paths: ['/cart/*']}}]}]"));
    open();
    assertThat(status("GET", "/cart/7")).isEqualTo(200);
    Wire.Message refused = ask("POST", "/cart/7", "Content-Length: 0");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.body()).isEqualTo("RBAC: access denied");
    assertThat(status("GET", "/admin")).isEqualTo(403);
    assertThat(backend.requests()).hasSize(1);
  }

  @Test
  void pathIsJudgedAsTheBackendWouldReceiveIt() throws IOException {
    write(
        "policy.yaml",
        TestDoor.policy(
            "shop",
            "no-admin",
            TARGET + ", action: DENY, rules: [{to: [{operation: {paths: ['/admin*']}}]}]"));
    open();
    for (String path :
        List.of("/admin", "/%61dmin", "//admin", "/x/../admin", "/./admin/x", "/admin?x=/y")) {
      assertThat(status("GET", path)).as(path).isEqualTo(403);
    }
    assertThat(status("GET", "/x")).isEqualTo(200);
    assertThat(backend.requests()).hasSize(1);
  }

  @Test
  void policyThatComesAndGoesCountsForTheNextRequest() throws IOException {
    open();
    assertThat(status("GET", "/")).isEqualTo(200);
    write("policy.yaml", TestDoor.policy("shop", "nobody", TARGET));
    Await.until("closed", () -> isAnswered(403));
    Files.delete(folder.resolve("policy.yaml"));
    Await.until("open again", () -> isAnswered(200));
  }

  @Test
  void policyOfAnotherGatewayOrNamespaceIsNotAsked() throws IOException {
    write(
        "policy.yaml",
        TestDoor.policy("shop", "a", TARGET.replace("name: door", "name: other"))
            + TestDoor.policy("other", "b", TARGET)
            + TestDoor.policy("other", "c", "rules: []"));
    open();
    assertThat(status("GET", "/")).isEqualTo(200);
  }

  @Test
  void policyOfTheRootNamespaceIsForEveryDoorOfTheClass() throws IOException {
    write(
        "policy.yaml",
        TestDoor.policy(
            "culvert-system",
            "all",
            "action: DENY, targetRefs: [{group: gateway.networking.k8s.io, kind: GatewayClass, name:"
                + " culvert-gateway}], rules: [{to: [{operation: {methods: [DELETE]}}]}]"));
    open();
    assertThat(status("GET", "/")).isEqualTo(200);
    assertThat(status("DELETE", "/")).isEqualTo(403);
  }

  @Test
  void twoGatewaysOnOnePortKeepTheirPolicies() throws IOException {
    door.writeGateway("other", "*.example.org", "shop.example.org");
    write("policy.yaml", TestDoor.policy("shop", "nobody", TARGET));
    open();
    assertThat(status("GET", "/")).isEqualTo(403);
    assertThat(door.askHost("shop.example.org", "GET", "/").status()).isEqualTo(200);
  }

  @Test
  void dryRunIsNotEnforced() throws IOException {
    write(
        "policy.yaml",
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: trial, namespace: shop, annotations: {istio.io/dry-run: "true"}}
        spec: {action: DENY, rules: [{}]}
        """);
    open();
    assertThat(status("GET", "/")).isEqualTo(200);
  }

  @Test
  void customIsDeniedWhereItsProviderCannotBeAsked() throws IOException {
    write(
        "policy.yaml",
        TestDoor.policy(
            "shop",
            "ask",
            TARGET
                + ", action: CUSTOM, provider: {name: opa}"
                + ", rules: [{to: [{operation: {paths: [/admin]}}]}]"));
    open();
    assertThat(status("GET", "/admin")).isEqualTo(403);
    assertThat(status("GET", "/")).isEqualTo(200);
  }

  @Test
  void clientIsWhoConnectsUnlessProxiesBeforeAreTrusted() throws IOException {
    String spec = TARGET + ", rules: [{from: [{source: {remoteIpBlocks: [198.18.0.0/16]}}]}]";
    write("policy.yaml", TestDoor.policy("shop", "near", spec));
    open();
    assertThat(status("GET", "/", "X-Forwarded-For: 198.18.0.7")).isEqualTo(403);
  }

  @Test
  void addressThatATrustedProxySawIsTheClients() throws IOException {
    String spec = TARGET + ", rules: [{from: [{source: {remoteIpBlocks: [198.18.0.0/16]}}]}]";
    write("policy.yaml", TestDoor.policy("shop", "near", spec));
    open("trusted-hops", "1");
    assertThat(status("GET", "/", "X-Forwarded-For: 198.18.0.7")).isEqualTo(200);
    assertThat(status("GET", "/", "X-Forwarded-For: 198.18.0.7, 198.19.0.1")).isEqualTo(403);
    assertThat(status("GET", "/", "X-Forwarded-For: 198.19.0.1, 198.18.0.7")).isEqualTo(200);
    assertThat(status("GET", "/")).isEqualTo(403);
  }
}
