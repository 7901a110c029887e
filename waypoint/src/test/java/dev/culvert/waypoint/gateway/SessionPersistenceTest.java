// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Session persistence of the Gateway API (GEP-1619). */
@Timeout(120)
final class SessionPersistenceTest {
  @TempDir private Path folder;

  private final List<Backend> backends = new ArrayList<>();
  private TestDoor door;

  @BeforeEach
  void start() throws IOException {
    door = new TestDoor(folder);
    for (int i = 0; i < 4; i++) {
      backends.add(Backend.echo());
    }
  }

  @AfterEach
  void stop() {
    door.close();
    backends.forEach(Backend::close);
  }

  private void open(String session) throws IOException {
    door.open(
        TestDoor.service("web", backends.get(0), backends.get(1)),
        TestDoor.service("other", backends.get(2), backends.get(3)),
        TestDoor.traffic(
                """
                loadBalancing: {algorithm: RoundRobin}
                connections: {maxRequestsPerConnection: 1}
                """)
            .replace("name: web}]", "name: web}, {group: '', kind: Service, name: other}]"),
        TestDoor.route(
            "HTTPRoute",
            "web",
            """
              - sessionPersistence: {%s}
                backendRefs: [{name: web, port: 80}, {name: other, port: 80}]
            """
                .formatted(session)));
  }

  private Backend taker() {
    List<Backend> takers = backends.stream().filter(one -> !one.requests().isEmpty()).toList();
    assertThat(takers).hasSize(1);
    return takers.getFirst();
  }

  @Test
  void cookieKeepsClientsWhereTheyAreAcrossBackends() throws IOException {
    open("sessionName: stay");
    for (int client = 0; client < 8; client++) {
      backends.forEach(one -> one.requests().clear());
      Wire.Message first = door.ask("GET", "/");
      String cookie = first.field("set-cookie").orElseThrow();
      assertThat(cookie)
          .matches("stay=[0-9a-f-]+; Path=/; HttpOnly; SameSite=Lax")
          .doesNotContain("127.0.0.1");
      for (int i = 0; i < 10; i++) {
        Wire.Message next =
            door.ask("GET", "/", "Cookie: " + cookie.substring(0, cookie.indexOf(';')));
        assertThat(next.field("set-cookie")).as("it knows already").isEmpty();
      }
      assertThat(taker().requests()).hasSize(11);
    }
  }

  @Test
  void headerKeepsClientsWhereTheyAre() throws IOException {
    open("sessionName: X-Session, type: Header");
    String session = door.ask("GET", "/").field("x-session").orElseThrow();
    for (int i = 0; i < 10; i++) {
      assertThat(door.ask("GET", "/", "X-Session: " + session).status()).isEqualTo(200);
    }
    assertThat(taker().requests()).hasSize(11);
  }

  @Test
  void endpointThatIsGoneIsReplacedAndTheClientIsTold() throws IOException {
    open("sessionName: X-Session, type: Header");
    String session = door.ask("GET", "/").field("x-session").orElseThrow();
    Backend gone = taker();
    gone.close();
    Wire.Message moved = door.ask("GET", "/", "X-Session: " + session);
    assertThat(moved.status()).as("another endpoint, once more").isEqualTo(200);
    String other = moved.field("x-session").orElseThrow();
    assertThat(other).isNotEqualTo(session);
    assertThat(door.ask("GET", "/", "X-Session: " + other).field("x-session")).isEmpty();
  }
}
