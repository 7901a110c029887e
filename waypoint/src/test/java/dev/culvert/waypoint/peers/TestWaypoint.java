// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.peers;

import dev.culvert.waypoint.accept.AcceptSettings;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.Entrance;
import dev.culvert.waypoint.accept.HttpListener;
import dev.culvert.waypoint.exchange.Chain;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Exchanges;
import dev.culvert.waypoint.exchange.Observer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.forward.ClientCert;
import dev.culvert.waypoint.forward.Dialer;
import dev.culvert.waypoint.forward.Forward;
import dev.culvert.waypoint.forward.LoopPools;
import dev.culvert.waypoint.forward.PoolSettings;
import dev.culvert.waypoint.forward.TcpDialer;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Picker;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.ztunnel.transport.Leaving;
import dev.culvert.ztunnel.transport.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A listener before backends, and what it told of its requests. */
public final class TestWaypoint implements AutoCloseable {

  /**
   * What was told of a request.
   *
   * @param asked messages of a call
   * @param answered the same of its answer
   */
  public record Told(
      int status, String flag, String details, int attempts, long asked, long answered) {
    /** One that was not read. */
    Told(int status, String details) {
      this(status, "DPE", details, 0, 0, 0);
    }
  }

  private final Transport transport;
  private final EventLoopGroup workers;
  private final LoopPools pools;
  private final Exchanges exchanges;
  private final HttpListener listener;
  private final List<Told> told = new CopyOnWriteArrayList<>();
  private final List<Channel> dialed = new CopyOnWriteArrayList<>();

  private TestWaypoint(Transport transport, AcceptSettings settings, List<Phase> finding)
      throws IOException {
    this.transport = transport;
    this.workers = transport.workers(2);
    Dialer tcp = new TcpDialer(transport, Duration.ofSeconds(5));
    this.pools =
        new LoopPools(
            workers,
            (loop, target, handler) -> remembered(tcp.dial(loop, target, handler)),
            PoolSettings.STANDARD);
    List<Phase> phases =
        Stream.concat(finding.stream(), Stream.of(new Forward(pools, ClientCert.NEVER, true)))
            .toList();
    this.exchanges = new Exchanges(new Chain(phases, new Recorder()));
    this.listener =
        HttpListener.open(
            transport,
            workers,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            settings,
            new Entrance(
                settings.headTimeout(), (client, problem) -> told.add(new Told(0, problem))),
            exchanges,
            null);
  }

  public static TestWaypoint of(Transport transport, RoutePlan plan, Phase... more)
      throws IOException {
    return through(transport, Stream.concat(Stream.of(more), Stream.of(taking(plan))).toList());
  }

  /** One whose phases before the last are these. */
  public static TestWaypoint through(Transport transport, List<Phase> finding) throws IOException {
    return new TestWaypoint(transport, AcceptSettings.STANDARD, finding);
  }

  private static Phase taking(RoutePlan plan) {
    return exchange -> {
      exchange.findings().take(plan, List.of());
      return Phase.Step.NEXT;
    };
  }

  public static TestWaypoint of(Transport transport, AcceptSettings settings, RoutePlan plan)
      throws IOException {
    return new TestWaypoint(transport, settings, List.of(taking(plan)));
  }

  public static RoutePlan plan(InetSocketAddress... backends) {
    return plan(Timeouts.NONE, Retries.STANDARD, Protocol.HTTP1, backends);
  }

  public static RoutePlan plan(
      Timeouts timeouts, Retries retries, Protocol protocol, InetSocketAddress... backends) {
    List<Target> targets = Stream.of(backends).map(one -> new Target(one, protocol)).toList();
    AtomicInteger turn = new AtomicInteger();
    Picker inTurn =
        asking ->
            targets.isEmpty()
                ? new Pick.None(false, "there is no endpoint")
                : targets.get(turn.getAndIncrement() % targets.size());
    return new RoutePlan(
        "test",
        List.of(new RoutePlan.Weighted(new Destination("test", "backend", 80, inTurn), 1)),
        timeouts,
        retries);
  }

  private Future<? extends Channel> remembered(Future<? extends Channel> dialing) {
    dialing.addListener(
        done -> {
          if (done.isSuccess()) {
            dialed.add(dialing.getNow());
          }
        });
    return dialing;
  }

  /** Says on each connection to a backend what a tunnel says whose other end stops. */
  public void backendsLeave() {
    for (Channel one : dialed) {
      one.eventLoop()
          .submit(() -> one.pipeline().fireUserEventTriggered(Leaving.PEER))
          .syncUninterruptibly();
    }
  }

  /** Connections to backends that are open. */
  public long backendConnections() {
    return dialed.stream().filter(Channel::isOpen).count();
  }

  public Wire connect() throws IOException {
    return Wire.to(listener.address());
  }

  public HttpListener listener() {
    return listener;
  }

  public Exchanges exchanges() {
    return exchanges;
  }

  public Transport transport() {
    return transport;
  }

  /** What was told so far, in the order in which requests ended. */
  public List<Told> told() {
    return told;
  }

  /** What was told of the first request, once it is over. */
  public Told first() {
    Await.until("a request is over", () -> !told.isEmpty());
    return told.getFirst();
  }

  @Override
  public void close() {
    listener.close(Duration.ZERO);
    workers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private final class Recorder implements Observer {
    @Override
    public void finished(Exchange exchange) {
      told.add(
          new Told(
              exchange.account().status(),
              exchange.account().flag().label(),
              exchange.account().details(),
              exchange.account().attempts(),
              exchange.account().requestMessages(),
              exchange.account().responseMessages()));
    }

    @Override
    public void rejected(ClientConnection connection, int status, String problem) {
      told.add(new Told(status, problem));
    }

    @Override
    public void refused(ClientConnection connection, String problem) {
      told.add(new Told(0, problem));
    }
  }
}
