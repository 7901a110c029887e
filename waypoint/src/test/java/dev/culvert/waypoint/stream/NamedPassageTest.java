// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.accept.ByServerName;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.ztunnel.hbone.Forwarded;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Connections that are carried by the server name that they ask for. */
final class NamedPassageTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final PlayedClient played = new PlayedClient(channel.eventLoop());
  private final PlayedHalf client = played.half;
  private final PlayedHalf server = new PlayedHalf();
  private final ToldOutcomes told = new ToldOutcomes();
  private final List<Target> reached = new ArrayList<>();

  private final class PlayedUpstream implements Upstream {
    @Override
    public Future<Reached> reach(EventLoop loop, Target target, Forwarded from) {
      reached.add(target);
      return loop.newSucceededFuture(new Reached(server, Optional.empty()));
    }
  }

  private void begin() {
    Destination vault =
        new Destination(
            "shop", "vault", 443, asking -> new Target(PlayedClient.ADDRESS, Protocol.HTTP1));
    RoutePlan plan =
        new RoutePlan(
            "vault", List.of(new RoutePlan.Weighted(vault, 1)), Timeouts.NONE, Retries.STANDARD);
    new NamedPassage(
            new Carriers(new PlayedUpstream(), told),
            played::asking,
            new ByServerName<>(Map.of("*.example.com", plan)))
        .begin();
  }

  private void loop() {
    channel.runPendingTasks();
  }

  @Test
  void handshakeGoesOnWholeToTheBackendOfItsName() throws Exception {
    byte[] hello = ClientHelloTest.hello("vault.example.com");
    begin();
    client.send(Arrays.copyOf(hello, 100));
    loop();
    assertThat(reached).isEmpty();
    client.send(Arrays.copyOfRange(hello, 100, hello.length));
    loop();
    assertThat(reached).singleElement().extracting(Target::address).isEqualTo(PlayedClient.ADDRESS);
    assertThat(server.written.toString()).isEqualTo(new String(hello, ISO_8859_1));
    client.send("more".getBytes(ISO_8859_1));
    assertThat(server.written.toString()).endsWith("more");
    assertThat(played.judgedName).contains("vault.example.com");
    assertThat(told.refused()).isEmpty();
  }

  @Test
  void nameThatNoRouteTakesIsReset() throws Exception {
    begin();
    client.send(ClientHelloTest.hello("vault.example.org"));
    assertThat(told.refused()).singleElement().asString().contains("vault.example.org");
    assertRefused();
  }

  @Test
  void whatIsNoHandshakeIsReset() {
    begin();
    client.send("GET / HTTP/1.1\r\n\r\n".getBytes(ISO_8859_1));
    assertThat(told.refused()).singleElement().asString().contains("TLS handshake");
    assertRefused();
  }

  @Test
  void clientThatEndsBeforeItsHandshakeIsReset() {
    begin();
    client.events.inputEnded();
    assertThat(told.refused()).singleElement().asString().contains("ended");
    assertRefused();
  }

  @Test
  void clientThatSaysNothingIsResetAfterAWhile() {
    begin();
    channel.advanceTimeBy(10, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(told.refused()).singleElement().asString().contains("within 10 s");
    assertRefused();
  }

  @Test
  void connectionThatPolicyForbidsReachesNobody() throws Exception {
    played.forbidden = Optional.of(Outcome.failed(ResponseFlag.DENY, "denied by a test"));
    begin();
    client.send(ClientHelloTest.hello("vault.example.com"));
    loop();
    assertThat(told.refused()).singleElement().asString().contains("denied by a test");
    assertRefused();
  }

  private void assertRefused() {
    assertThat(client.reset).isTrue();
    assertThat(reached).isEmpty();
    assertThat(played.over).isEqualTo(1);
  }
}
