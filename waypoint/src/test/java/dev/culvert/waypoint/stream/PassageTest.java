// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Picker;
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
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Connections on their way to an endpoint. */
final class PassageTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final PlayedClient client = new PlayedClient(channel.eventLoop());
  private final PlayedHalf server = new PlayedHalf();
  private final ToldOutcomes told = new ToldOutcomes();
  private final List<Integer> reached = new ArrayList<>();
  private int working = -1;

  /** Endpoints that differ in their port; only one of them can be reached. */
  private final class PlayedUpstream implements Upstream {
    @Override
    public Future<Reached> reach(EventLoop loop, Target target, Forwarded from) {
      int port = target.address().getPort();
      reached.add(port);
      return port == working
          ? loop.newSucceededFuture(new Reached(server, Optional.empty()))
          : loop.newFailedFuture(new IOException("port " + port + " is closed"));
    }
  }

  private static Pick inTurn(Asking asking, int... ports) {
    int port = ports[asking.tried().size() % ports.length];
    return new Target(new InetSocketAddress("198.18.0.2", port), Protocol.HTTP1);
  }

  private void begin(Picker picker) {
    RoutePlan.Weighted backend =
        new RoutePlan.Weighted(new Destination("shop", "mail", 25, picker), 1);
    new Passage(
            new Carriers(new PlayedUpstream(), told),
            client,
            new RoutePlan("mail", List.of(backend), Timeouts.NONE, Retries.STANDARD),
            false)
        .begin();
    channel.runPendingTasks();
  }

  @Test
  void anotherEndpointIsTriedForOneThatCannotBeReached() {
    working = 26;
    begin(asking -> inTurn(asking, 25, 26));
    assertThat(reached).containsExactly(25, 26);
    assertThat(client.accepted).isTrue();
    assertThat(told.refused()).isEmpty();
  }

  @Test
  void noMoreThanThreeEndpointsAreTried() {
    begin(asking -> inTurn(asking, 25, 26, 27, 28));
    assertThat(reached).containsExactly(25, 26, 27);
    assertRefused("port 27 is closed");
  }

  @Test
  void onlyEndpointIsNotTriedAgain() {
    begin(asking -> inTurn(asking, 25));
    assertThat(reached).containsExactly(25);
    assertRefused("port 25 is closed");
  }

  @Test
  void whatPolicyForbidsReachesNobody() {
    client.forbidden = Optional.of(Outcome.failed(ResponseFlag.DENY, "denied by a test"));
    begin(asking -> inTurn(asking, 25));
    assertThat(reached).isEmpty();
    assertRefused("denied by a test");
  }

  @Test
  void serverMaySpeakFirst() {
    working = 25;
    begin(asking -> inTurn(asking, 25));
    server.send("220 ready".getBytes(US_ASCII));
    assertThat(client.half.written).hasToString("220 ready");
  }

  private void assertRefused(String why) {
    assertThat(client.accepted).isFalse();
    assertThat(client.refused).singleElement().asString().contains(why);
    assertThat(told.refused()).isEqualTo(client.refused);
    assertThat(client.over).isEqualTo(1);
  }
}
