// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that are passed on by their port. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class TcpRoutesTest extends StreamDoorCase {
  @Test
  void tcpRouteCarriesHalfCloses() throws IOException {
    door.write("web.yaml", TestDoor.service("web", echo()));
    door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")));
    open();
    String body = "0123456789".repeat(200_000);
    try (Wire wire = door.connect()) {
      wire.send(body);
      wire.endOutput();
      assertThat(wire.rest()).isEqualTo("got " + body);
    }
  }

  @Test
  void tcpRouteOfAServerThatSpeaksFirst() throws IOException {
    Backend greeter =
        backend(
            wire -> {
              wire.send("hello\n");
              wire.send("you said " + wire.line() + "\n");
            });
    door.write("web.yaml", TestDoor.service("web", greeter));
    door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")));
    open();
    try (Wire wire = door.connect()) {
      assertThat(wire.line()).isEqualTo("hello");
      wire.send("good bye\n");
      assertThat(wire.line()).isEqualTo("you said good bye");
      assertThat(wire.isEnded()).isTrue();
    }
  }

  @Test
  void tcpRouteGoesPastAnEndpointThatIsGone() throws IOException {
    Backend gone = Backend.echo();
    gone.close();
    door.write("web.yaml", TestDoor.service("web", gone, echo()));
    door.write(
        "door.yaml",
        gateway(tcpListener())
            + tcpRoute(to("web"))
            + TestDoor.traffic("loadBalancing: {algorithm: RoundRobin}"));
    open();
    for (int i = 0; i < 4; i++) {
      assertThat(say("x")).isEqualTo("got x");
    }
  }

  @Test
  void tcpListenerWithoutARouteRefuses() throws IOException {
    door.write("door.yaml", gateway(tcpListener()));
    open();
    assertThat(say("x")).isIn("refused", "");
  }

  @Test
  void routeThatChangesCountsForTheNextConnection() throws IOException {
    door.write("web.yaml", TestDoor.service("web", echo()));
    door.write("other.yaml", TestDoor.service("other", backend(wire -> wire.send("other"))));
    door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")));
    open();
    try (Wire before = door.connect()) {
      before.send("a");
      door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("other")));
      Await.until("the other is asked", () -> say("x").equals("other"));
      before.endOutput();
      assertThat(before.rest()).as("what is open goes on").isEqualTo("got a");
    }
  }
}
