// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.settings.Settings;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
  private int port;
  private FrontDoor door;

  @BeforeEach
  void start() throws IOException {
    backend = Backend.echo();
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    write("door.yaml", door("door", "*.example.com", "shop.example.com"));
    write("web.yaml", web());
  }

  @AfterEach
  void stop() {
    if (door != null) {
      door.close();
    }
    backend.close();
  }

  private void open(String... more) throws IOException {
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "source", folder.toString(),
                "listen-address", "127.0.0.1",
                "stats-port", "0",
                "drain-deadline", "1s"));
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    door = FrontDoor.start(GatewayConfig.from(Settings.of(GatewayConfig.settings(), settings)));
  }

  private void write(String file, String text) throws IOException {
    Path whole = folder.resolve("." + file);
    Files.writeString(whole, text);
    Files.move(whole, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private String door(String name, String listener, String host) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: %1$s, namespace: shop}
        spec:
          gatewayClassName: culvert-gateway
          listeners: [{name: http, port: %2$d, protocol: HTTP, hostname: "%3$s"}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: %1$s, namespace: shop}
        spec:
          parentRefs: [{name: %1$s}]
          hostnames: [%4$s]
          rules: [{backendRefs: [{name: web, port: 80}]}]
        """
        .formatted(name, port, listener, host);
  }

  private String web() {
    return """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {ports: [{port: 80}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-a, namespace: shop, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        endpoints: [{addresses: [127.0.0.1]}]
        ports: [{port: %d}]
        """
        .formatted(backend.address().getPort());
  }

  private static String policy(String namespace, String name, String spec) {
    return """
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: %s, namespace: %s}
        spec: {%s}
        """
        .formatted(name, namespace, spec);
  }

  private Wire.Message ask(String method, String path, String... fields) throws IOException {
    try (Wire wire = Wire.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
      String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
      wire.send(
          "%s %s HTTP/1.1\r\nHost: shop.example.com\r\n%sConnection: close\r\n\r\n"
              .formatted(method, path, more));
      return wire.read();
    }
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
        policy(
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
        policy(
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
    write("policy.yaml", policy("shop", "nobody", TARGET));
    Await.until("closed", () -> isAnswered(403));
    Files.delete(folder.resolve("policy.yaml"));
    Await.until("open again", () -> isAnswered(200));
  }

  @Test
  void policyOfAnotherGatewayOrNamespaceIsNotAsked() throws IOException {
    write(
        "policy.yaml",
        policy("shop", "a", TARGET.replace("name: door", "name: other"))
            + policy("other", "b", TARGET)
            + policy("other", "c", "rules: []"));
    open();
    assertThat(status("GET", "/")).isEqualTo(200);
  }

  @Test
  void policyOfTheRootNamespaceIsForEveryDoorOfTheClass() throws IOException {
    write(
        "policy.yaml",
        policy(
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
    write("other.yaml", door("other", "*.example.org", "shop.example.org"));
    write("policy.yaml", policy("shop", "nobody", TARGET));
    open();
    assertThat(status("GET", "/")).isEqualTo(403);
    try (Wire wire = Wire.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
      wire.send("GET / HTTP/1.1\r\nHost: shop.example.org\r\nConnection: close\r\n\r\n");
      assertThat(wire.read().status()).isEqualTo(200);
    }
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
        policy(
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
    write("policy.yaml", policy("shop", "near", spec));
    open();
    assertThat(status("GET", "/", "X-Forwarded-For: 198.18.0.7")).isEqualTo(403);
  }

  @Test
  void addressThatATrustedProxySawIsTheClients() throws IOException {
    String spec = TARGET + ", rules: [{from: [{source: {remoteIpBlocks: [198.18.0.0/16]}}]}]";
    write("policy.yaml", policy("shop", "near", spec));
    open("trusted-hops", "1");
    assertThat(status("GET", "/", "X-Forwarded-For: 198.18.0.7")).isEqualTo(200);
    assertThat(status("GET", "/", "X-Forwarded-For: 198.18.0.7, 198.19.0.1")).isEqualTo(403);
    assertThat(status("GET", "/", "X-Forwarded-For: 198.19.0.1, 198.18.0.7")).isEqualTo(200);
    assertThat(status("GET", "/")).isEqualTo(403);
  }
}
