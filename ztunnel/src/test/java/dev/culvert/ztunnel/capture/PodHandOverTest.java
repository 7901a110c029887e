// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.ztunnel.authz.PolicyAuthorizer;
import dev.culvert.ztunnel.authz.PolicyWatch;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.TestCertificates;
import dev.culvert.ztunnel.identity.TlsEngine;
import dev.culvert.ztunnel.limits.TestLimits;
import dev.culvert.ztunnel.pairs.DirectPath;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.TestCa;
import dev.culvert.ztunnel.peers.TestNetns;
import dev.culvert.ztunnel.transport.PodNetwork;
import dev.culvert.ztunnel.transport.Transport;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Proxies follow each other in one pod's namespace where no redirect programs are: the kernel
 * chooses between their listeners by SO_REUSEPORT. Needs root, as the proxy itself.
 */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
class PodHandOverTest {
  private static final int HAND_OVERS = 30;
  private static final int APPS = 2;

  /** More than a loop accepts before it does something else. */
  private static final int QUEUED = 100;

  private static final int PATIENCE_MILLIS = 30_000;

  /** So that not all ports of the pod are in TIME_WAIT at the end. */
  private static final long PAUSE_NANOS = 1_000_000;

  @Parameter Transport transport;

  private final TestMesh mesh = new TestMesh();
  private final PolicyAuthorizer authorizer = new PolicyAuthorizer(mesh);
  private final List<PodProxies> all = new ArrayList<>();
  private EventLoopGroup workers;
  private PolicyWatch watch;
  private TestCertificates certificates;
  private TestNetns podNetns;
  private NetworkNamespace netns;
  private ServerSocket outside;

  static List<Transport> transports() {
    return Transport.available();
  }

  @BeforeEach
  void start() throws Exception {
    podNetns = new TestNetns();
    netns = podNetns.open();
    outside = netns.call(() -> new ServerSocket(0, 100, InetAddress.ofLiteral("127.0.0.2")));
    outside.setSoTimeout(PATIENCE_MILLIS);
    workers = transport.workers(2);
    TestCa ca = new TestCa("mesh root");
    certificates = new TestCertificates(ca, ca, TlsEngine.JDK);
    watch = new PolicyWatch(mesh, authorizer);
    mesh.put(TestWorkloads.pod("client", "one", TwoNodes.freshAddress()));
  }

  @AfterEach
  void stop() throws Exception {
    all.forEach(each -> each.end(Duration.ZERO));
    Await.until("no pod is left", () -> all.stream().allMatch(PodProxies::isGone));
    workers.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    watch.close();
    outside.close();
    netns.close();
    podNetns.close();
  }

  /** One more, which has the pod. */
  private PodProxies proxy() throws Exception {
    PodProxies proxy =
        new PodProxies(
            new ProxyInputs(
                "one",
                transport,
                PodNetwork.STANDARD,
                workers,
                mesh,
                Optional.empty(),
                certificates,
                authorizer,
                watch,
                DirectPath.NONE,
                new RecordedTelemetry(),
                (pod, loop, upstream) -> new NoDns(),
                TunnelSettings.standard(),
                TestLimits.node(TestLimits.WIDE),
                accepted -> (InetSocketAddress) outside.getLocalSocketAddress(),
                Duration.ofSeconds(5),
                new DrainTimes(Duration.ofSeconds(30), Duration.ZERO, Duration.ofMillis(300))));
    all.add(proxy);
    proxy.add(pod()).get(30, TimeUnit.SECONDS);
    return proxy;
  }

  private Pod pod() throws IOException {
    return new Pod(
        "a", "shop", "client", "client", TestWorkloads.identity("client"), podNetns.open());
  }

  private static void endAndAwait(PodProxies proxy) throws Exception {
    proxy.end(Duration.ofHours(1));
    Await.until("it is gone", proxy::isGone);
  }

  private Socket connect() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    Socket socket =
        netns.call(
            () -> {
              Socket inside = new Socket();
              inside.bind(new InetSocketAddress(loopback, 0));
              return inside;
            });
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(new InetSocketAddress(loopback, 15001));
    return socket;
  }

  private interface Body {
    void run() throws Exception;
  }

  /** Runs it while apps connect all the time; fails when one of them lost a connection. */
  private void underLoad(Body body) throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    Thread.ofPlatform().daemon().start(this::echo);
    List<CompletableFuture<Void>> apps = new ArrayList<>();
    for (int i = 0; i < APPS; i++) {
      apps.add(
          CompletableFuture.runAsync(
              () -> talkUntil(enough), task -> Thread.ofPlatform().start(task)));
    }
    try {
      body.run();
    } finally {
      enough.set(true);
      for (CompletableFuture<Void> app : apps) {
        app.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }

  private void talkUntil(AtomicBoolean enough) {
    while (!enough.get()) {
      try (Socket app = connect()) {
        app.getOutputStream().write(7);
        assertThat(app.getInputStream().read()).isEqualTo(7);
        LockSupport.parkNanos(PAUSE_NANOS);
      } catch (Exception e) {
        throw new AssertionError("a connection was lost: " + e, e);
      }
    }
  }

  /** Until it is closed. */
  private void echo() {
    while (!outside.isClosed()) {
      try (Socket accepted = outside.accept()) {
        accepted.getOutputStream().write(accepted.getInputStream().read());
      } catch (IOException closed) {
        // the apps tell whether anything was lost
      }
    }
  }

  @Test
  void manyInARowLoseNothing() throws Exception {
    PodProxies[] current = {proxy()};
    underLoad(
        () -> {
          for (int i = 0; i < HAND_OVERS; i++) {
            PodProxies next = proxy();
            endAndAwait(current[0]);
            current[0] = next;
          }
        });
  }

  @Test
  void newestThatEndsFirstLosesNothingToTheOlderOne() throws Exception {
    proxy();
    underLoad(
        () -> {
          for (int i = 0; i < HAND_OVERS; i++) {
            endAndAwait(proxy());
          }
        });
  }

  /** The kernel has accepted them for the proxy, and would reset them with the listener. */
  @Test
  void connectionsThatLateLoopsHaveNotAcceptedAreServed() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    Thread.ofPlatform().daemon().start(this::echo);
    PodProxies proxy = proxy();
    List<Socket> early = new ArrayList<>();
    try {
      holdLoops(released);
      for (int i = 0; i < QUEUED; i++) {
        early.add(connect());
      }
      proxy.end(Duration.ofHours(1));
      released.countDown();
      for (Socket one : early) {
        one.getOutputStream().write(7); // all first: the echo takes them in its own order
      }
      for (Socket one : early) {
        assertThat(one.getInputStream().read()).isEqualTo(7);
      }
    } finally {
      released.countDown();
      for (Socket one : early) {
        one.close();
      }
    }
  }

  private void holdLoops(CountDownLatch until) throws Exception {
    List<CompletableFuture<Void>> held = new ArrayList<>();
    for (EventExecutor loop : workers) {
      CompletableFuture<Void> one = new CompletableFuture<>();
      held.add(one);
      loop.execute(
          () -> {
            one.complete(null);
            awaitQuietly(until);
          });
    }
    CompletableFuture.allOf(held.toArray(CompletableFuture<?>[]::new)).get(30, TimeUnit.SECONDS);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
