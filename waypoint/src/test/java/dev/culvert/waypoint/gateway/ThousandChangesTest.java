// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.settings.Settings;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.FreePort;
import dev.culvert.waypoint.peers.Http2Peer;
import dev.culvert.waypoint.peers.Wire;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Changes of routes while requests of both versions of HTTP go on. */
@Timeout(300)
final class ThousandChangesTest {
  private static final int CHANGES = 1000;
  private static final int ROUTES = 1000;

  @TempDir private Path folder;

  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<String> bad = new CopyOnWriteArrayList<>();
  private final AtomicInteger good = new AtomicInteger();
  private Backend one;
  private Backend two;
  private int port;
  private FrontDoor door;

  @BeforeEach
  void start() throws IOException {
    one = Backend.named("one");
    two = Backend.named("two");
    port = FreePort.take();
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
    change(0);
  }

  @AfterEach
  void stop() {
    door.close();
    one.close();
    two.close();
  }

  /** Every second change is another backend, and each another path, header and weight. */
  private void change(int number) {
    change(number, "");
  }

  /**
   * @param more resources beside
   */
  private void change(int number, String more) {
    door.read(
        Map.of(
            "more.yaml",
            more,
            "all.yaml",
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: door, namespace: shop}
            spec:
              gatewayClassName: culvert-gateway
              listeners: [{name: http, port: %1$d, protocol: HTTP}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r, namespace: shop}
            spec:
              parentRefs: [{name: door}]
              rules:
              - matches: [{path: {value: /of/%2$d}}]
                filters:
                - {type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x, value: "%2$d"}]}}
                backendRefs: [{name: %3$s, port: 80, weight: %4$d}]
              - backendRefs: [{name: %3$s, port: 80}]
            """
                    .formatted(port, number, backend(number), number % 7 + 1)
                + TestDoor.service("shop", "one", one)
                + TestDoor.service("shop", "two", two)));
  }

  private static String backend(int number) {
    return number % 2 == 0 ? "one" : "two";
  }

  private InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private Thread http1() {
    return Thread.ofVirtual()
        .start(
            () -> {
              try (Wire wire = Wire.to(address())) {
                while (!stop.get()) {
                  wire.send("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
                  count(wire.read().status());
                }
              } catch (IOException e) {
                bad.add(e.toString());
              }
            });
  }

  private Thread http2() {
    return Thread.ofVirtual()
        .start(
            () -> {
              try (Http2Peer peer = Http2Peer.client(address())) {
                while (!stop.get()) {
                  Http2Headers get = Http2Peer.get("/").authority("a.example.com");
                  Http2Peer.Stream stream = peer.open(get, true);
                  count(Integer.parseInt(stream.headers().status().toString()));
                  stream.body(3);
                }
              } catch (InterruptedException | AssertionError e) {
                bad.add(e.toString());
              }
            });
  }

  private void count(int status) {
    if (status == 200) {
      good.incrementAndGet();
    } else {
      bad.add("status " + status);
    }
  }

  /** Routes of other hosts, each with a path, a header and a backend. */
  private static String others() {
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < ROUTES; i++) {
      yaml.append(
          """
          ---
          apiVersion: gateway.networking.k8s.io/v1
          kind: HTTPRoute
          metadata: {name: other-%1$d, namespace: shop}
          spec:
            parentRefs: [{name: door}]
            hostnames: [h%1$d.example.com]
            rules:
            - matches: [{path: {value: /of/%1$d}, headers: [{name: x-v, value: "%1$d"}]}]
              backendRefs: [{name: one, port: 80}]
          """
              .formatted(i));
    }
    return yaml.toString();
  }

  /** Asks by a change, and returns the nanoseconds from when it was told to the answer by it. */
  private long ask(Wire wire, int number, String more) throws IOException {
    long begun = System.nanoTime();
    change(number, more);
    wire.send("GET /of/%d HTTP/1.1\r\nHost: a.example.com\r\n\r\n".formatted(number));
    Wire.Message answer = wire.read();
    assertThat(answer.body()).as("after change %d", number).isEqualTo(backend(number));
    assertThat(answer.field("x")).contains(String.valueOf(number));
    return System.nanoTime() - begun;
  }

  /** A figure for docs/performance, of which a test says nothing. */
  private static void print(String what, long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    System.out.printf(
        "%s: answered by after p50 %.1f ms, p99 %.1f ms, at most %.1f ms%n",
        what,
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 99 / 100] / 1e6,
        sorted[sorted.length - 1] / 1e6);
  }

  @Test
  void failNoRequestAndCountForTheNextOne() throws Exception {
    List<Thread> load = List.of(http1(), http1(), http2());
    long[] nanos = new long[CHANGES];
    try (Wire wire = Wire.to(address())) {
      for (int i = 1; i <= CHANGES; i++) {
        nanos[i - 1] = ask(wire, i, "");
      }
    } finally {
      stop.set(true);
    }
    for (Thread one : load) {
      one.join();
    }
    assertThat(bad).isEmpty();
    assertThat(good.get()).isGreaterThan(CHANGES);
    print("changes under load", nanos);
  }

  @Test
  void oneAmongAThousandRoutesCountsForTheNextOne() throws Exception {
    String others = others();
    long[] nanos = new long[100];
    change(0, others);
    try (Wire wire = Wire.to(address())) {
      for (int i = 1; i <= nanos.length; i++) {
        nanos[i - 1] = ask(wire, i, others);
      }
    }
    print("changes among a thousand routes", nanos);
  }
}
