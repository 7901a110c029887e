// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.ztunnel.limits.TestLimits;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.TestNetns;
import dev.culvert.ztunnel.transport.Listeners;
import dev.culvert.ztunnel.transport.PodNetwork;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.transport.Transport;
import io.netty.channel.EventLoopGroup;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** One proxy's sockets for queries follow another's in a pod's namespace; needs root. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
class QuerySocketsTest {
  private static final int PORT = 15053;
  private static final int HAND_OVERS = 100;

  /** Nothing is waited for but what the kernel and the loop still hold. */
  private static final DrainTimes AT_ONCE =
      new DrainTimes(Duration.ofSeconds(30), Duration.ZERO, Duration.ZERO);

  @Parameter Transport transport;

  private final ConcurrentLinkedQueue<String> lost = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();
  private TestNetns podNetns;
  private NetworkNamespace netns;
  private EventLoopGroup workers;
  private Listeners listeners;
  private volatile boolean enough;

  static List<Transport> transports() {
    return Transport.available();
  }

  @BeforeEach
  void start() throws Exception {
    podNetns = new TestNetns();
    netns = podNetns.open();
    workers = transport.workers(2);
    PodSockets sockets =
        new PodSockets(
            transport,
            PodNetwork.STANDARD,
            netns,
            TestLimits.node(TestLimits.WIDE).pod("shop/client"));
    listeners = new Listeners(sockets, workers);
  }

  @AfterEach
  void stop() throws Exception {
    workers.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    netns.close();
    podNetns.close();
  }

  private QuerySockets proxy(EchoDns dns) throws Exception {
    QuerySockets sockets = new QuerySockets(listeners, workers.next(), dns);
    for (InetAddress loopback : List.of(NetUtil.LOCALHOST4, NetUtil.LOCALHOST6)) {
      sockets.open(new InetSocketAddress(loopback, PORT)).get(30, TimeUnit.SECONDS);
    }
    return sockets;
  }

  private DatagramSocket app() throws Exception {
    DatagramSocket app = netns.call(DatagramSocket::new);
    app.setSoTimeout(30_000);
    return app;
  }

  private static void send(DatagramSocket app, InetAddress to, String text) throws IOException {
    byte[] bytes = text.getBytes(US_ASCII);
    app.send(new DatagramPacket(bytes, bytes.length, to, PORT));
  }

  private static String receive(DatagramSocket app) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[64], 64);
    app.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), US_ASCII);
  }

  private void ask(String query, InetAddress to) {
    try (DatagramSocket app = app()) {
      send(app, to, query);
      assertThat(receive(app)).isEqualTo(query);
      answered.incrementAndGet();
    } catch (Exception | AssertionError e) {
      lost.add(query + ": " + e);
    }
  }

  private Thread flood(InetAddress to) {
    return Thread.ofPlatform()
        .start(
            () -> {
              for (int i = 0; !enough && lost.isEmpty(); i++) {
                ask("query " + i, to);
              }
            });
  }

  @Test
  void floodOfQueriesLosesNothingInManyHandOvers() throws Exception {
    QuerySockets current = proxy(new EchoDns());
    List<Thread> apps = new ArrayList<>();
    for (InetAddress to : List.of(NetUtil.LOCALHOST4, NetUtil.LOCALHOST4, NetUtil.LOCALHOST6)) {
      apps.add(flood(to));
    }
    for (int i = 0; i < HAND_OVERS && lost.isEmpty(); i++) {
      QuerySockets next = proxy(new EchoDns());
      awaitMore(3);
      CompletableFuture<Void> drained = current.drain(AT_ONCE);
      awaitMore(3);
      drained.get(30, TimeUnit.SECONDS);
      current = next;
    }
    enough = true;
    for (Thread app : apps) {
      app.join();
    }
    assertThat(lost).isEmpty();
    current.drain(AT_ONCE).get(30, TimeUnit.SECONDS);
  }

  private void awaitMore(int more) throws Exception {
    int before = answered.get();
    Await.until("more is answered", () -> answered.get() >= before + more || !lost.isEmpty());
  }

  /** The loop has looked at both sockets before the query came, and does not again in this pass. */
  @Test
  void queryThatALateLoopHasNotReadIsAnswered() throws Exception {
    EchoDns dns = new EchoDns();
    QuerySockets sockets = proxy(dns);
    try (DatagramSocket holding = app();
        DatagramSocket app = app()) {
      send(holding, NetUtil.LOCALHOST6, EchoDns.HOLD);
      dns.awaitHeld();
      send(app, NetUtil.LOCALHOST4, "waits");
      CompletableFuture<Void> drained = sockets.drain(AT_ONCE);
      dns.release();
      assertThat(receive(app)).isEqualTo("waits");
      assertThat(receive(holding)).isEqualTo(EchoDns.HOLD);
      drained.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void queryThatWaitsForAResolverIsAnswered() throws Exception {
    EchoDns dns = new EchoDns();
    QuerySockets sockets = proxy(dns);
    try (DatagramSocket app = app()) {
      send(app, NetUtil.LOCALHOST4, EchoDns.FORWARD);
      Await.until("it is forwarded", dns::forwards);
      CompletableFuture<Void> drained = sockets.drain(AT_ONCE);
      Await.until("its socket is deaf", this::isRefused);
      assertThat(drained).isNotDone();
      dns.answerForwarded();
      assertThat(receive(app)).isEqualTo(EchoDns.FORWARD);
      drained.get(30, TimeUnit.SECONDS);
    }
  }

  private boolean isRefused() {
    try (DatagramSocket app = app()) {
      app.connect(NetUtil.LOCALHOST4, PORT);
      send(app, NetUtil.LOCALHOST4, "anybody?");
      receive(app);
      return false;
    } catch (PortUnreachableException deaf) {
      return true;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
