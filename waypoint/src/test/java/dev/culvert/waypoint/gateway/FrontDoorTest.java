// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.settings.Settings;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.FreePort;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The front door over a folder that changes. */
@Timeout(120)
final class FrontDoorTest {
  @TempDir private Path folder;

  private Backend one;
  private Backend two;
  private int port;
  private FrontDoor door;

  @BeforeEach
  void start() throws IOException {
    one = Backend.named("one");
    two = Backend.named("two");
    port = FreePort.take();
  }

  @AfterEach
  void stop() {
    if (door != null) {
      door.close();
    }
    one.close();
    two.close();
  }

  private void open() throws IOException {
    door =
        FrontDoor.start(
            GatewayConfig.from(
                Settings.of(
                    GatewayConfig.settings(),
                    Map.of(
                        "source", folder.toString(),
                        "listen-address", "127.0.0.1",
                        "stats-port", "0",
                        "drain-deadline", "1s"))));
  }

  private void write(String file, String text) throws IOException {
    Path whole = folder.resolve("." + file);
    Files.writeString(whole, text);
    Files.move(whole, folder.resolve(file), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private String gateway(String hostname) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: door, namespace: shop}
        spec:
          gatewayClassName: culvert-gateway
          listeners: [{name: http, port: %d, protocol: HTTP, hostname: "%s"}]
        """
        .formatted(port, hostname);
  }

  private static String service(String name, Backend backend) {
    return """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: %1$s, namespace: shop}
        spec: {ports: [{port: 80}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: %1$s, namespace: shop, labels: {kubernetes.io/service-name: %1$s}}
        addressType: IPv4
        endpoints: [{addresses: [127.0.0.1]}]
        ports: [{port: %2$d}]
        """
        .formatted(name, backend.address().getPort());
  }

  private static String route(String name, String spec) {
    return """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: %s, namespace: shop}
        spec: {parentRefs: [{name: door}], %s}
        """
        .formatted(name, spec);
  }

  private Wire.Message ask(String host, String path) throws IOException {
    try (Wire wire = Wire.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
      wire.send("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(path, host));
      return wire.read();
    }
  }

  @Test
  void requestsGoByHostAndPath() throws IOException {
    write("services.yaml", service("one", one) + service("two", two));
    write(
        "gateway.yaml",
        gateway("*.example.com")
            + route(
                "one",
                "hostnames: [a.example.com], rules: [{backendRefs: [{name: one, port: 80}]}]")
            + route(
                "two",
                "rules: [{matches: [{path: {value: /two}}], backendRefs: [{name: two, port: 80}]}]"));
    open();
    assertThat(ask("a.example.com", "/two").body())
        .as("the host is more specific")
        .isEqualTo("one");
    assertThat(ask("b.example.com", "/two/x").body()).isEqualTo("two");
    assertThat(ask("b.example.com", "/twofold").status()).isEqualTo(404);
    assertThat(ask("example.com", "/two").status()).as("no listener").isEqualTo(404);
  }

  @Test
  void backendThatDoesNotExistIs500() throws IOException {
    write(
        "gateway.yaml",
        gateway("*.example.com")
            + route("none", "rules: [{backendRefs: [{name: none, port: 80}]}]"));
    open();
    assertThat(ask("a.example.com", "/").status()).isEqualTo(500);
  }

  @Test
  void filtersChangeRequestsAndAnswers() throws IOException {
    Backend echo = Backend.echo();
    write("services.yaml", service("echo", echo));
    write(
        "gateway.yaml",
        gateway("*.example.com")
            + route(
                "echo",
                "rules: [{matches: [{path: {value: /api}}], filters: ["
                    + "{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-a, value: b}]}},"
                    + "{type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: x-c, value: d}]}},"
                    + "{type: URLRewrite, urlRewrite: {hostname: inner, path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}"
                    + "], backendRefs: [{name: echo, port: 80}]}]"));
    open();
    Wire.Message answer = ask("a.example.com", "/api/x?y");
    assertThat(answer.body()).isEqualTo("GET /x?y HTTP/1.1|");
    assertThat(answer.field("x-c")).contains("d");
    Wire.Message seen = echo.requests().getFirst();
    assertThat(seen.field("host")).contains("inner");
    assertThat(seen.field("x-a")).contains("b");
    assertThat(seen.field("traceparent")).isPresent();
    echo.close();
  }

  @Test
  void brokenFileChangesNothing() throws IOException {
    write("services.yaml", service("one", one));
    write(
        "gateway.yaml",
        gateway("*.example.com") + route("one", "rules: [{backendRefs: [{name: one, port: 80}]}]"));
    open();
    write(
        "gateway.yaml", gateway("*.example.com") + route("one", "rules: [{filters: [{type: X}]}]"));
    write(
        "z.yaml",
        service("two", two)
            + route(
                "z",
                "rules: [{matches: [{path: {value: /z}}], backendRefs: [{name: two, port: 80}]}]"));
    Await.until("the later file counts", () -> asks("/z").equals("two"));
    assertThat(ask("a.example.com", "/").body()).isEqualTo("one");
  }

  private String asks(String path) {
    try {
      return ask("a.example.com", path).body();
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void changesUnderLoadFailNoRequest() throws Exception {
    write("services.yaml", service("one", one) + service("two", two));
    write("gateway.yaml", gateway("*.example.com"));
    write("route.yaml", route("r", "rules: [{backendRefs: [{name: one, port: 80}]}]"));
    open();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger good = new AtomicInteger();
    AtomicReference<String> bad = new AtomicReference<>("");
    Thread load =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (Wire wire =
                      Wire.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                    while (!stop.get()) {
                      wire.send("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
                      Wire.Message answer = wire.read();
                      if (answer.status() == 200) {
                        good.incrementAndGet();
                      } else {
                        bad.set(answer.line());
                      }
                    }
                  } catch (IOException e) {
                    bad.set(e.toString());
                  }
                });
    for (int i = 0; i < 10; i++) {
      String to = i % 2 == 0 ? "two" : "one";
      write(
          "route.yaml", route("r", "rules: [{backendRefs: [{name: %s, port: 80}]}]".formatted(to)));
      Await.until("the change counts", () -> asks("/").equals(to));
    }
    stop.set(true);
    load.join();
    assertThat(bad.get()).isEmpty();
    assertThat(good.get()).isPositive();
  }

  @Test
  void portThatIsNotWantedIsClosed() throws IOException {
    write("gateway.yaml", gateway("*.example.com"));
    open();
    assertThat(door.ports()).containsKey(port);
    Files.delete(folder.resolve("gateway.yaml"));
    Await.until("the port is closed", () -> door.ports().isEmpty());
  }

  @Test
  void requestsAreCounted() throws Exception {
    write("services.yaml", service("one", one));
    write(
        "gateway.yaml",
        gateway("*.example.com") + route("one", "rules: [{backendRefs: [{name: one, port: 80}]}]"));
    open();
    ask("a.example.com", "/");
    ask("nobody", "/");
    assertThat(metrics())
        .contains("istio_requests_total{")
        .contains("destination_service=\"one.shop.svc.cluster.local\"")
        .contains("reporter=\"waypoint\"")
        .contains("response_flags=\"NR\"")
        .contains("istio_request_duration_milliseconds_bucket{");
  }

  private String metrics() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:%d/metrics".formatted(door.statsPort()));
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
