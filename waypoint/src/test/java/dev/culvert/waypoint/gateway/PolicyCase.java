// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A front door, endpoints of one service behind it, and a TrafficPolicy for that. */
abstract class PolicyCase {
  static final String TO_WEB = "  - backendRefs: [{name: web, port: 80}]\n";

  @TempDir Path folder;

  final List<Backend> backends = new ArrayList<>();

  TestDoor door;

  @BeforeEach
  void start() throws IOException {
    door = new TestDoor(folder);
  }

  @AfterEach
  void stop() {
    door.close();
    backends.forEach(Backend::close);
  }

  Backend backend(Backend started) {
    backends.add(started);
    return started;
  }

  Backend echo() throws IOException {
    return backend(Backend.echo());
  }

  /** One that answers every request with this head. */
  Backend answering(String head) throws IOException {
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
  Backend holding(CountDownLatch latch) throws IOException {
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

  void open(String policy, Backend... behind) throws IOException {
    open(policy, TO_WEB, behind);
  }

  void open(String policy, String rule, Backend... behind) throws IOException {
    door.open(
        TestDoor.service("web", behind),
        TestDoor.traffic(policy),
        TestDoor.route("HTTPRoute", "web", rule));
  }

  void ask(int times, String... fields) throws IOException {
    for (int i = 0; i < times; i++) {
      assertThat(door.ask("GET", "/", fields).status()).isEqualTo(200);
    }
  }

  static String ofRoute(String name, String route, String spec) {
    return TestDoor.traffic(spec)
        .replace("metadata: {name: web,", "metadata: {name: %s,".formatted(name))
        .replace(
            "{group: \"\", kind: Service, name: web}",
            "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: %s}".formatted(route));
  }
}
