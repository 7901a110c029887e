// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.accept.ByServerName;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.observe.Party;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.ztunnel.hbone.Forwarded;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Connections that are carried by the server name that they ask for. */
final class NamedPassageTest {
  private static final InetSocketAddress ADDRESS = new InetSocketAddress("198.18.0.1", 443);

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final PlayedHalf client = new PlayedHalf();
  private final PlayedHalf server = new PlayedHalf();
  private final ToldOutcomes told = new ToldOutcomes();
  private final List<Target> reached = new ArrayList<>();
  private Optional<Outcome> forbidden = Optional.empty();
  private Optional<String> judgedName = Optional.empty();
  private int over;

  /** An end of a connection that a test plays. */
  private static final class PlayedHalf implements Half {
    private final StringBuilder written = new StringBuilder();
    private Events events;
    private boolean reset;

    void send(byte[] bytes) {
      events.data(Unpooled.wrappedBuffer(bytes));
      events.dataComplete();
    }

    @Override
    public void start(Events taker) {
      events = taker;
    }

    @Override
    public void write(ByteBuf data, Half from) {
      written.append(data.toString(ISO_8859_1));
      data.release();
    }

    @Override
    public void flush() {}

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void readable(boolean wanted) {}

    @Override
    public boolean countsWritten() {
      return false;
    }

    @Override
    public void written(int bytes) {}

    @Override
    public void shutdownOutput() {}

    @Override
    public void reset() {
      reset = true;
    }
  }

  private final class PlayedClient implements PassageClient {
    private final Optional<String> name;

    PlayedClient(Optional<String> name) {
      this.name = name;
    }

    @Override
    public ClientConnection connection() {
      return new ClientConnection(
          channel.eventLoop(),
          ADDRESS,
          ADDRESS,
          Optional.of(SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/client")),
          false,
          name,
          Party.UNKNOWN);
    }

    @Override
    public Optional<Outcome> forbidden() {
      judgedName = name;
      return forbidden;
    }

    @Override
    public Optional<RequestPolicies> policies() {
      return Optional.empty();
    }

    @Override
    public boolean isGone() {
      return false;
    }

    @Override
    public Half accept() {
      return client;
    }

    @Override
    public void refuse(Outcome outcome) {
      throw new AssertionError("it was accepted");
    }

    @Override
    public void over() {
      over++;
    }

    @Override
    public ConnectionInfo info(InetSocketAddress destination) {
      return ToldOutcomes.info(destination);
    }
  }

  private final class PlayedUpstream implements Upstream {
    @Override
    public Future<Reached> reach(EventLoop loop, Target target, Forwarded from) {
      reached.add(target);
      return loop.newSucceededFuture(new Reached(server, Optional.empty()));
    }
  }

  private void begin() {
    Destination vault =
        new Destination("shop", "vault", 443, asking -> new Target(ADDRESS, Protocol.HTTP1));
    RoutePlan plan =
        new RoutePlan(
            "vault", List.of(new RoutePlan.Weighted(vault, 1)), Timeouts.NONE, Retries.STANDARD);
    new NamedPassage(
            new Carriers(new PlayedUpstream(), told),
            PlayedClient::new,
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
    assertThat(reached).singleElement().extracting(Target::address).isEqualTo(ADDRESS);
    assertThat(server.written.toString()).isEqualTo(new String(hello, ISO_8859_1));
    client.send("more".getBytes(ISO_8859_1));
    assertThat(server.written.toString()).endsWith("more");
    assertThat(judgedName).contains("vault.example.com");
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
    forbidden = Optional.of(Outcome.failed(ResponseFlag.DENY, "denied by a test"));
    begin();
    client.send(ClientHelloTest.hello("vault.example.com"));
    loop();
    assertThat(told.refused()).singleElement().asString().contains("denied by a test");
    assertRefused();
  }

  private void assertRefused() {
    assertThat(client.reset).isTrue();
    assertThat(reached).isEmpty();
    assertThat(over).isEqualTo(1);
  }
}
