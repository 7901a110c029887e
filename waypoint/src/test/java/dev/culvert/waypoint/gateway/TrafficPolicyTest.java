// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a TrafficPolicy asks for, at a front door. */
@Timeout(120)
final class TrafficPolicyTest {
  private static final String TO_WEB = "  - backendRefs: [{name: web, port: 80}]\n";

  @TempDir private Path folder;

  private final List<Backend> backends = new ArrayList<>();
  private TestDoor door;

  @BeforeEach
  void start() throws IOException {
    door = new TestDoor(folder);
  }

  @AfterEach
  void stop() {
    door.close();
    backends.forEach(Backend::close);
  }

  private Backend backend(Backend started) {
    backends.add(started);
    return started;
  }

  private Backend echo() throws IOException {
    return backend(Backend.echo());
  }

  /** One that answers every request with this head. */
  private Backend answering(String head) throws IOException {
    Backend[] self = new Backend[1];
    self[0] =
        Backend.of(
            wire -> {
              while (true) {
                self[0].take(wire);
                wire.send(head + "\r\ncontent-length: 0\r\n\r\n");
              }
            });
    return backend(self[0]);
  }

  /** One that takes requests and answers when the latch is open. */
  private Backend holding(CountDownLatch latch) throws IOException {
    Backend[] self = new Backend[1];
    self[0] =
        Backend.of(
            wire -> {
              while (true) {
                self[0].take(wire);
                try {
                  latch.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                wire.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
              }
            });
    return backend(self[0]);
  }

  private void open(String policy, Backend... behind) throws IOException {
    open(policy, TO_WEB, behind);
  }

  private void open(String policy, String rule, Backend... behind) throws IOException {
    door.open(
        TestDoor.service("web", behind),
        TestDoor.traffic(policy),
        TestDoor.route("HTTPRoute", "web", rule));
  }

  private void ask(int times, String... fields) throws IOException {
    for (int i = 0; i < times; i++) {
      assertThat(door.ask("GET", "/", fields).status()).isEqualTo(200);
    }
  }

  @Test
  void roundRobin() throws IOException {
    Backend one = echo();
    Backend two = echo();
    open("loadBalancing: {algorithm: RoundRobin}", one, two);
    ask(10);
    assertThat(one.requests()).hasSize(5);
    assertThat(two.requests()).hasSize(5);
  }

  @Test
  void leastRequestUnlessSaidOtherwise() throws IOException {
    CountDownLatch latch = new CountDownLatch(1);
    Backend slow = holding(latch);
    Backend quick = echo();
    open("connections: {maxRequests: 100}", slow, quick);
    try (Wire held = door.connect()) {
      while (slow.requests().isEmpty()) {
        int answered = quick.requests().size();
        held.send("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
        Await.until(
            "it came", () -> !slow.requests().isEmpty() || quick.requests().size() > answered);
        if (slow.requests().isEmpty()) {
          held.read();
        }
      }
      int before = quick.requests().size();
      ask(20);
      assertThat(quick.requests()).hasSize(before + 20);
      latch.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RingHash", "Maglev"})
  void sameHeaderSameEndpoint(String algorithm) throws IOException {
    List<Backend> behind = List.of(echo(), echo(), echo());
    open(
        "loadBalancing: {algorithm: %s, hashOn: {header: x-user}}".formatted(algorithm),
        behind.toArray(Backend[]::new));
    for (int user = 0; user < 20; user++) {
      behind.forEach(one -> one.requests().clear());
      ask(3, "X-User: " + user);
      assertThat(behind.stream().filter(one -> !one.requests().isEmpty())).hasSize(1);
    }
  }

  @Test
  void clientIsGivenACookieToStay() throws IOException {
    Backend one = echo();
    Backend two = echo();
    open(
        """
        loadBalancing:
          algorithm: RingHash
          hashOn: {cookie: {name: stay, path: /shop, ttl: 60s}}
        """,
        one,
        two);
    Wire.Message first = door.ask("GET", "/");
    String cookie = first.field("set-cookie").orElseThrow();
    assertThat(cookie).matches("stay=[0-9a-f]+; Max-Age=60; Path=/shop; HttpOnly");
    Backend taker = one.requests().isEmpty() ? two : one;
    for (int i = 0; i < 10; i++) {
      Wire.Message next =
          door.ask("GET", "/", "Cookie: " + cookie.substring(0, cookie.indexOf(';')));
      assertThat(next.field("set-cookie")).isEmpty();
    }
    assertThat(taker.requests()).hasSize(11);
  }

  @Test
  void maxRequestsIsTheCircuitBreaker() throws IOException {
    CountDownLatch latch = new CountDownLatch(1);
    Backend slow = holding(latch);
    open("connections: {maxRequests: 1}", slow);
    try (Wire held = door.connect()) {
      held.send("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
      Await.until("it is held", () -> slow.requests().size() == 1);
      assertThat(door.ask("GET", "/").status()).isEqualTo(503);
      assertThat(door.metrics()).contains("response_flags=\"UO\"");
      latch.countDown();
      assertThat(held.read().status()).isEqualTo(200);
    }
    ask(3);
  }

  @Test
  void maxConnectionsAndPendingRequests() throws IOException {
    CountDownLatch latch = new CountDownLatch(1);
    Backend slow = holding(latch);
    door.write("web.yaml", TestDoor.service("web", slow));
    door.write(
        "policy.yaml", TestDoor.traffic("connections: {maxConnections: 1, maxPendingRequests: 1}"));
    door.writeGateway("door", "*.example.com", "a.example.com");
    door.openWith(Map.of("workers", "1"));
    try (Wire held = door.connect()) {
      held.send("GET /held HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
      Await.until("it is held", () -> slow.requests().size() == 1);
      List<CompletableFuture<Integer>> others = List.of(asking("/one"), asking("/other"));
      Await.until("one has no place", () -> others.stream().anyMatch(CompletableFuture::isDone));
      latch.countDown();
      assertThat(others.stream().map(CompletableFuture::join)).containsExactlyInAnyOrder(200, 503);
      assertThat(held.read().status()).isEqualTo(200);
    }
    assertThat(slow.connections()).isEqualTo(1);
  }

  private CompletableFuture<Integer> asking(String path) {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> status.complete(status(path)));
    return status;
  }

  private int status(String path) {
    try {
      return door.ask("GET", path).status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void maxRequestsPerConnection() throws IOException {
    Backend one = echo();
    open("connections: {maxRequestsPerConnection: 2}", one);
    try (Wire wire = door.connect()) {
      for (int i = 0; i < 6; i++) {
        wire.send("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
        assertThat(wire.read().status()).isEqualTo(200);
      }
    }
    assertThat(one.connections()).isEqualTo(3);
  }

  @Test
  void outlierDetection() throws IOException {
    Backend bad = answering("HTTP/1.1 500 Oops");
    Backend good = echo();
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        outlierDetection: {consecutive5xxErrors: 3, baseEjectionTime: 1h, maxEjectionTime: 1h}
        """,
        bad,
        good);
    Await.until("it is set aside", () -> bad.requests().size() == 3 || status("/") == 0);
    ask(10);
    assertThat(bad.requests()).hasSize(3);
    assertThat(door.metrics())
        .contains(
            "culvert_endpoint_ejections_total{destination_service_name=\"web\","
                + "destination_service_namespace=\"shop\"} 1");
  }

  @Test
  void endpointThatIsGoneIsSetAside() throws IOException {
    Backend gone = Backend.echo();
    gone.close();
    Backend good = echo();
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        outlierDetection: {consecutiveGatewayErrors: 2, baseEjectionTime: 1h, maxEjectionTime: 1h}
        retries: {attempts: 1}
        """,
        gone,
        good);
    ask(10);
    assertThat(door.metrics()).contains("destination_service_namespace=\"shop\"} 1");
    assertThat(good.requests()).hasSize(10);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5xx | HTTP/1.1 500 Oops",
        "gateway-error | HTTP/1.1 503 Busy",
        "retriable-4xx | HTTP/1.1 409 Conflict",
        "unavailable | HTTP/1.1 200 OK\\r\\ngrpc-status: 14"
      })
  void retryGoesToAnotherEndpoint(String on, String head) throws IOException {
    Backend bad = answering(head.replace("\\r\\n", "\r\n"));
    Backend good = echo();
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        retries: {attempts: 1, retryOn: [%s]}
        """
            .formatted(on),
        bad,
        good);
    ask(10);
    assertThat(good.requests()).hasSize(10);
    assertThat(bad.requests()).isNotEmpty();
  }

  @Test
  void retryOfAStatusThatWasNotAskedForIsNone() throws IOException {
    Backend bad = answering("HTTP/1.1 500 Oops");
    open("retries: {attempts: 3, retryOn: [gateway-error]}", bad);
    assertThat(door.ask("GET", "/").status()).isEqualTo(500);
    assertThat(bad.requests()).hasSize(1);
  }

  @Test
  void ruleSaysMoreThanThePolicy() throws IOException {
    Backend bad = answering("HTTP/1.1 503 Busy");
    open(
        "retries: {attempts: 5, retryOn: [5xx]}",
        "  - {retry: {attempts: 1, codes: [503]}, backendRefs: [{name: web, port: 80}]}\n",
        bad);
    assertThat(door.ask("GET", "/").status()).isEqualTo(503);
    assertThat(bad.requests()).hasSize(2);
  }

  @Test
  void perTryTimeout() throws IOException {
    CountDownLatch latch = new CountDownLatch(1);
    Backend slow = holding(latch);
    Backend good = echo();
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        retries: {attempts: 1, perTryTimeout: 100ms, retryOn: [reset]}
        """,
        slow,
        good);
    ask(4);
    assertThat(good.requests()).hasSize(4);
    assertThat(slow.requests()).isNotEmpty();
    latch.countDown();
  }

  @Test
  void retryBudget() throws IOException {
    Backend bad = answering("HTTP/1.1 503 Busy");
    open("retries: {attempts: 3, retryOn: [5xx], budget: {percent: 0, minConcurrent: 0}}", bad);
    assertThat(door.ask("GET", "/").status()).isEqualTo(503);
    assertThat(bad.requests()).hasSize(1);
  }

  @Test
  void retriesOfOneRequestAreOneOfTheBudget() throws IOException {
    Backend bad = answering("HTTP/1.1 503 Busy");
    open("retries: {attempts: 3, retryOn: [5xx], budget: {percent: 0, minConcurrent: 1}}", bad);
    for (int i = 1; i <= 3; i++) {
      assertThat(door.ask("GET", "/").status()).isEqualTo(503);
      assertThat(bad.requests()).hasSize(4 * i);
    }
  }

  @Test
  void faultAborts() throws IOException {
    Backend one = echo();
    open("faults: {abort: {status: 418}}", one);
    assertThat(door.ask("GET", "/").status()).isEqualTo(418);
    assertThat(one.requests()).isEmpty();
    assertThat(door.metrics()).contains("response_flags=\"FI\"");
  }

  @Test
  void faultAbortsACall() throws IOException {
    Backend one = echo();
    open("faults: {abort: {grpcStatus: 14}}", one);
    Wire.Message answer = door.ask("POST", "/shop.Web/Get", "Content-Type: application/grpc");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("grpc-status")).contains("14");
    assertThat(one.requests()).isEmpty();
  }

  @Test
  void faultOfAPercentage() throws IOException {
    Backend one = echo();
    open("faults: {abort: {status: 503, percent: 50}}", one);
    int aborted = 0;
    for (int i = 0; i < 200; i++) {
      aborted += door.ask("GET", "/").status() == 503 ? 1 : 0;
    }
    assertThat(aborted).isBetween(50, 150);
    assertThat(one.requests()).hasSize(200 - aborted);
  }

  @Test
  void delayedRequestIsSentLater() throws IOException {
    Backend one = echo();
    open("faults: {delay: {duration: 100ms}}", one);
    long begun = System.nanoTime();
    try (Wire wire = door.connect()) {
      wire.send("POST / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 4\r\n\r\nbody");
      assertThat(wire.read().body()).isEqualTo("POST / HTTP/1.1|body");
    }
    assertThat(System.nanoTime() - begun).isGreaterThan(100_000_000);
  }

  @Test
  void rateLimit() throws IOException {
    Backend one = echo();
    open("rateLimit: {requests: 2, per: 1h, burst: 3}", one);
    ask(3);
    Wire.Message refused = door.ask("GET", "/");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(Integer.parseInt(refused.field("retry-after").orElseThrow())).isBetween(1, 1800);
    assertThat(one.requests()).hasSize(3);
    assertThat(door.metrics()).contains("response_flags=\"RL\"");
  }

  private static String ofRoute(String name, String route, String spec) {
    return TestDoor.traffic(spec)
        .replace("metadata: {name: web,", "metadata: {name: %s,".formatted(name))
        .replace(
            "{group: \"\", kind: Service, name: web}",
            "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: %s}".formatted(route));
  }

  @Test
  void routeHasLimitsOfItsOwn() throws IOException {
    Backend one = echo();
    door.write(
        "shop.yaml",
        TestDoor.route(
            "HTTPRoute",
            "shop",
            """
              - matches: [{path: {type: PathPrefix, value: /shop}}]
                backendRefs: [{name: web, port: 80}]
            """));
    door.write(
        "limit.yaml", ofRoute("limit", "shop", "rateLimit: {requests: 1, per: 1h, burst: 2}"));
    open("rateLimit: {requests: 1000}", one);
    assertThat(door.ask("GET", "/shop").status()).isEqualTo(200);
    assertThat(door.ask("GET", "/shop").status()).isEqualTo(200);
    assertThat(door.ask("GET", "/shop").status()).isEqualTo(429);
    assertThat(door.ask("GET", "/").status()).as("the service's own limit").isEqualTo(200);
    door.write("other.yaml", ofRoute("young", "shop", "rateLimit: {requests: 1000}"));
    door.write("more.yaml", TestDoor.service("more", one));
    assertThat(door.ask("GET", "/shop").status()).as("what was counted counts").isEqualTo(429);
  }

  @Test
  void routeSaysWhenItsRequestsAreSentAgain() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    Backend failing =
        backend(
            Backend.of(
                wire -> {
                  while (true) {
                    wire.read();
                    int status = asked.incrementAndGet() % 3 == 0 ? 200 : 503;
                    wire.send("HTTP/1.1 %d x\r\ncontent-length: 0\r\n\r\n".formatted(status));
                  }
                }));
    door.write("again.yaml", ofRoute("again", "web", "retries: {attempts: 2, retryOn: [5xx]}"));
    open("loadBalancing: {algorithm: RoundRobin}", failing);
    assertThat(door.ask("GET", "/").status()).isEqualTo(200);
    assertThat(asked.get()).isEqualTo(3);
  }

  @Test
  void illEndpointGetsNothingUntilItIsWell() throws IOException {
    AtomicBoolean well = new AtomicBoolean();
    Backend sick = backend(checked(well));
    Backend good = backend(checked(new AtomicBoolean(true)));
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        healthCheck: {interval: 20ms, unhealthyThreshold: 1, healthyThreshold: 1, http: {path: /healthz}}
        """,
        sick,
        good);
    Await.until("it is known to be ill", () -> served(good, 10));
    well.set(true);
    Await.until("it is known to be well", () -> served(sick, 5));
    assertThat(door.metrics()).contains("culvert_health_checks_total", "outcome=\"bad\"");
  }

  @Test
  void endpointWithoutAListenerIsIll() throws IOException {
    Backend gone = Backend.echo();
    gone.close();
    Backend good = echo();
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        healthCheck: {interval: 20ms, unhealthyThreshold: 1, tcp: {}}
        retries: {attempts: 0}
        """,
        gone,
        good);
    Await.until("it is known", () -> isTold("bad"));
    ask(10);
    assertThat(good.requests()).hasSize(10);
  }

  @Test
  void healthIsAskedByCall() throws IOException {
    Server server = healthServer();
    try {
      door.write("web.yaml", TestDoor.service("shop", "web", server.getPort()));
      door.write("policy.yaml", TestDoor.traffic(grpcCheck("shop.Web")));
      door.writeGateway("door", "*.example.com", "a.example.com");
      door.openWith(Map.of());
      Await.until("it serves", () -> isTold("good"));
      assertThat(isTold("bad")).isFalse();
      door.write("policy.yaml", TestDoor.traffic(grpcCheck("shop.Other")));
      Await.until("it does not know the other", () -> isTold("bad"));
    } finally {
      server.shutdownNow();
    }
  }

  private static String grpcCheck(String service) {
    return "healthCheck: {interval: 20ms, grpc: {service: %s}}".formatted(service);
  }

  /** The health service of gRPC, which knows shop.Web and no other. */
  private static Server healthServer() throws IOException {
    MethodDescriptor<byte[], byte[]> check =
        MethodDescriptor.newBuilder(new Bytes(), new Bytes())
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("grpc.health.v1.Health/Check")
            .build();
    byte[] known = ByteString.copyFromUtf8("\n\010shop.Web").toByteArray();
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .addService(
            ServerServiceDefinition.builder("grpc.health.v1.Health")
                .addMethod(
                    check,
                    ServerCalls.asyncUnaryCall(
                        (request, told) -> {
                          boolean serves = Arrays.equals(request, known);
                          told.onNext(new byte[] {8, (byte) (serves ? 1 : 3)});
                          told.onCompleted();
                        }))
                .build())
        .build()
        .start();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Whether checks came out so. */
  private boolean isTold(String outcome) {
    try {
      return door.metrics()
          .lines()
          .anyMatch(
              line ->
                  line.startsWith("culvert_health_checks_total")
                      && line.contains("outcome=\"" + outcome + "\"")
                      && !line.endsWith("} 0")
                      && !line.endsWith("} 0.0"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether so many of ten requests go there. */
  private boolean served(Backend to, int times) {
    to.requests().clear();
    for (int i = 0; i < 10; i++) {
      assertThat(status("/")).isEqualTo(200);
    }
    return to.requests().size() == times;
  }

  /** One that is asked whether it is well, and remembers all other requests. */
  private static Backend checked(AtomicBoolean well) throws IOException {
    Backend[] self = new Backend[1];
    self[0] =
        Backend.of(
            wire -> {
              while (true) {
                Wire.Message request = wire.read();
                boolean health = request.line().contains("/healthz");
                if (!health) {
                  self[0].requests().add(request);
                }
                wire.send(
                    "HTTP/1.1 %s\r\ncontent-length: 0\r\n\r\n"
                        .formatted(!health || well.get() ? "200 OK" : "503 Ill"));
              }
            });
    return self[0];
  }

  @Test
  void olderPolicyCounts() throws IOException {
    Backend one = echo();
    String dated = "name: %s, namespace: shop, creationTimestamp: \"%s\"";
    String old = dated.formatted("z-old", "2026-01-01T00:00:00Z");
    String young = dated.formatted("a-young", "2026-02-01T00:00:00Z");
    String plain = "name: web, namespace: shop";
    door.open(
        TestDoor.service("web", one),
        TestDoor.traffic("connections: {maxRequestsPerConnection: 1}").replace(plain, old),
        TestDoor.traffic("connections: {maxRequestsPerConnection: 9}").replace(plain, young),
        TestDoor.route("HTTPRoute", "web", TO_WEB));
    ask(3);
    assertThat(one.connections()).isEqualTo(3);
  }

  @Test
  void changeOfThePolicyCountsForTheNextRequest() throws IOException {
    Backend one = echo();
    Backend two = echo();
    open("loadBalancing: {algorithm: RoundRobin}", one, two);
    ask(2);
    door.write(
        "more.yaml",
        TestDoor.traffic("loadBalancing: {algorithm: Maglev, hashOn: {header: x-user}}")
            .replace(
                "name: web, namespace: shop",
                "name: first, namespace: shop, creationTimestamp: \"2026-01-01T00:00:00Z\""));
    Await.until("one gets all", () -> oneGetsAll(one, two));
  }

  private boolean oneGetsAll(Backend one, Backend two) {
    one.requests().clear();
    two.requests().clear();
    try {
      ask(6, "X-User: ann");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return one.requests().isEmpty() || two.requests().isEmpty();
  }
}
