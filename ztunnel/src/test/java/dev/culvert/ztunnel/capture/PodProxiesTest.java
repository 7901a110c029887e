// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pods in real network namespaces; needs root, as the proxy itself. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
class PodProxiesTest {
  @Parameter Transport transport;

  private final AtomicReference<InetSocketAddress> captured = new AtomicReference<>();
  private final TestMesh mesh = new TestMesh();
  private final RecordedTelemetry telemetry = new RecordedTelemetry();
  private final List<TestNetns> namespaces = new ArrayList<>();
  private TestNetns own;
  private EventLoopGroup workers;
  private PolicyWatch watch;
  private TestCertificates certificates;
  private PodProxies proxies;
  private PodProxies next;

  static List<Transport> transports() {
    return Transport.available();
  }

  @BeforeEach
  void start() throws Exception {
    own = addNamespace();
    workers = transport.workers(2);
    TestCa ca = new TestCa("mesh root");
    certificates = new TestCertificates(ca, ca, TlsEngine.JDK);
    PolicyAuthorizer authorizer = new PolicyAuthorizer(mesh);
    watch = new PolicyWatch(mesh, authorizer);
    proxies = proxies(authorizer);
    next = proxies(authorizer);
  }

  private PodProxies proxies(PolicyAuthorizer authorizer) {
    return new PodProxies(
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
            telemetry,
            (pod, loop, upstream) -> new NoDns(),
            TunnelSettings.standard(),
            TestLimits.node(TestLimits.WIDE),
            accepted -> captured.get(),
            Duration.ofSeconds(5),
            new DrainTimes(Duration.ofSeconds(5), Duration.ZERO, Duration.ofMillis(300))));
  }

  @AfterEach
  void stop() throws Exception {
    proxies.end(Duration.ZERO);
    next.end(Duration.ZERO);
    Await.until("no pod is left", () -> proxies.isGone() && next.isGone());
    workers.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    watch.close();
    for (TestNetns each : namespaces) {
      each.close();
    }
  }

  private TestNetns addNamespace() throws IOException {
    TestNetns added = new TestNetns();
    namespaces.add(added);
    return added;
  }

  private Pod pod(String uid) throws IOException {
    return pod(uid, own);
  }

  private Pod podElsewhere(String uid) throws Exception {
    return pod(uid, addNamespace());
  }

  private static Pod pod(String uid, TestNetns namespace) throws IOException {
    return new Pod(
        uid, "shop", "client", "client", TestWorkloads.identity("client"), namespace.open());
  }

  private Socket connect(int port) throws Exception {
    try (NetworkNamespace netns = own.open()) {
      Socket socket =
          netns.call(
              () -> {
                Socket inside = new Socket();
                inside.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                return inside;
              });
      socket.setSoTimeout(30_000);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket;
    }
  }

  private void assertListening(int port) throws Exception {
    connect(port).close();
  }

  private void knowClient() throws IOException {
    mesh.put(TestWorkloads.pod("client", "one", TwoNodes.freshAddress()));
  }

  @Test
  void listenersAreUpWhenAddIsDone() throws Exception {
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    assertListening(15001);
    assertListening(15006);
    assertListening(15008);
    assertThat(proxies.pods()).extracting(Pod::uid).containsExactly("a");
  }

  @Test
  void samePodAgainChangesNothing() throws Exception {
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    Pod again = pod("a");
    proxies.add(again).get(30, TimeUnit.SECONDS);
    assertThat(again.netns().fd().isOpen()).isFalse();
    assertThat(proxies.pods()).hasSize(1);
  }

  @Test
  void secondPodInANamespaceIsRefusedUntilTheFirstHasLeft() throws Exception {
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    Pod second = pod("b");
    assertThat(proxies.add(second))
        .failsWithin(30, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("shop/client (b)")
        .withMessageContaining("shop/client (a)");
    assertThat(second.netns().fd().isOpen()).isFalse();
    assertThat(proxies.pods()).extracting(Pod::uid).containsExactly("a");
    proxies.remove("a").get(30, TimeUnit.SECONDS);
    proxies.add(pod("b")).get(30, TimeUnit.SECONDS);
    assertThat(proxies.pods()).extracting(Pod::uid).containsExactly("b");
    assertListening(15001);
  }

  @Test
  void podWhosePortIsTakenIsRefusedAndServedOnceItIsFree() throws Exception {
    Pod refused = pod("a");
    try (NetworkNamespace netns = own.open()) {
      ServerSocket app = netns.call(() -> new ServerSocket(15008));
      try (app) {
        assertThat(proxies.add(refused))
            .failsWithin(30, TimeUnit.SECONDS)
            .withThrowableOfType(ExecutionException.class)
            .withMessageContaining("shop/client")
            .withMessageContaining("in use");
      }
    }
    assertThat(refused.netns().fd().isOpen()).isFalse();
    assertThat(proxies.pods()).isEmpty();
    Await.until("its other ports are closed", () -> !isListening(15001));
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    assertListening(15008);
  }

  /** The agent has forgotten it by the time its listeners are there. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void podThatLeavesWhileItComesUpIsLetGo(boolean told) throws Exception {
    Pod pod = pod("a");
    CompletableFuture<Void> added;
    try (Closeable _ = standstill()) {
      added = proxies.add(pod);
      if (told) {
        proxies.remove("a").get(30, TimeUnit.SECONDS);
      } else {
        proxies.retainOnly(Set.of());
      }
      assertThat(added).isNotDone();
    }
    added.get(30, TimeUnit.SECONDS);
    Await.until("nothing is left", proxies::isGone);
    assertThat(proxies.sockets(TestWorkloads.pod("client", "one", TwoNodes.freshAddress())))
        .isEmpty();
    assertThat(pod.netns().fd().isOpen()).isFalse();
    assertThat(isListening(15001)).isFalse();
    assertThat(certificates.current(pod.identity())).isEmpty();
  }

  /** Who asks again does not hear that it is up before it is. */
  @Test
  void samePodAgainWhileItComesUpIsUpWithTheFirst() throws Exception {
    CompletableFuture<Void> again;
    try (NetworkNamespace netns = own.open();
        ServerSocket _ = netns.call(() -> new ServerSocket(15008))) {
      try (Closeable _ = standstill()) {
        var _ = proxies.add(pod("a"));
        again = proxies.add(pod("a"));
        assertThat(again).isNotDone();
      }
      assertThat(again)
          .failsWithin(30, TimeUnit.SECONDS)
          .withThrowableOfType(ExecutionException.class)
          .withMessageContaining("in use");
    }
    assertThat(proxies.pods()).isEmpty();
  }

  /** Or its certificate would be renewed for ever. */
  @Test
  void podThatNeverCameUpIsForgottenOnceItHasLeft() throws Exception {
    Pod pod = pod("a");
    pod.netns().close();
    assertThat(proxies.add(pod)).failsWithin(30, TimeUnit.SECONDS);
    assertThat(certificates.current(pod.identity())).isPresent();
    proxies.remove("a").get(30, TimeUnit.SECONDS);
    assertThat(certificates.current(pod.identity())).isEmpty();
  }

  /** Every event loop waits until it is closed. */
  private Closeable standstill() {
    CountDownLatch goOn = new CountDownLatch(1);
    workers.forEach(
        loop ->
            loop.execute(
                () -> {
                  try {
                    goOn.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    return goOn::countDown;
  }

  @Test
  void podWithoutIpv6Served() throws Exception {
    Path setting = Path.of("/proc/sys/net/ipv6/conf/all/disable_ipv6");
    try (NetworkNamespace netns = own.open()) {
      netns.call(() -> Files.writeString(setting, "1"));
    }
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    assertListening(15001);
  }

  @Test
  void removedPodIsLetGoWithEverythingItHad() throws Exception {
    knowClient();
    try (ServerSocket outside = insideListener()) {
      Pod pod = pod("a");
      proxies.add(pod).get(30, TimeUnit.SECONDS);
      captured.set((InetSocketAddress) outside.getLocalSocketAddress());
      try (Socket client = connect(15001);
          Socket server = outside.accept()) {
        client.getOutputStream().write(1);
        assertThat(server.getInputStream().read()).isEqualTo(1);
        proxies.remove("a").get(30, TimeUnit.SECONDS);
        client.getOutputStream().write(2);
        assertThat(server.getInputStream().read()).isEqualTo(2);
        assertThatThrownBy(() -> client.getInputStream().read())
            .isInstanceOf(SocketException.class);
      }
      Await.until("namespace closed", () -> !pod.netns().fd().isOpen());
      assertThatThrownBy(() -> connect(15001)).isInstanceOf(ConnectException.class);
      assertThat(certificates.current(pod.identity())).isEmpty();
    }
  }

  /** The unknown destination of a captured connection, in the pod's own namespace. */
  private ServerSocket insideListener() throws Exception {
    try (NetworkNamespace netns = own.open()) {
      return netns.call(() -> new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.2")));
    }
  }

  @Test
  void snapshotDropsTheOthers() throws Exception {
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    Pod gone = podElsewhere("b");
    proxies.add(gone).get(30, TimeUnit.SECONDS);
    proxies.retainOnly(Set.of("a", "never-seen"));
    assertThat(proxies.pods()).extracting(Pod::uid).containsExactly("a");
    Await.until("namespace closed", () -> !gone.netns().fd().isOpen());
    assertListening(15001);
  }

  @Test
  void nothingIsLeftOfManyPods() throws Exception {
    proxies.add(pod("first")).get(30, TimeUnit.SECONDS);
    proxies.remove("first").get(30, TimeUnit.SECONDS);
    Await.until("it is gone", proxies::isGone);
    long before = descriptors();
    for (int i = 0; i < 20; i++) {
      proxies.add(podElsewhere("pod-" + i)).get(30, TimeUnit.SECONDS);
    }
    assertThat(descriptors()).isGreaterThanOrEqualTo(before + 20 * 4);
    proxies.end(Duration.ofMillis(300));
    Await.until("no pod is left", proxies::isGone);
    Await.until("descriptors closed", () -> descriptors() <= before);
  }

  @Test
  void openConnectionGoesOnWhileItsProxyEndsAndTheNextTakesWhatIsNew() throws Exception {
    knowClient();
    try (ServerSocket outside = insideListener()) {
      captured.set((InetSocketAddress) outside.getLocalSocketAddress());
      proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
      try (Socket client = connect(15001);
          Socket server = outside.accept()) {
        next.add(pod("a")).get(30, TimeUnit.SECONDS);
        proxies.end(Duration.ofHours(1));
        assertThat(proxies.draining()).isEqualTo(Map.of("shop/client", 1));
        assertEchoes(client, server);
        try (Socket later = connect(15001);
            Socket taken = outside.accept()) {
          assertEchoes(later, taken);
          assertEchoes(client, server);
        }
        assertThat(proxies.isGone()).isFalse();
      }
      Await.until("the ended proxy has nothing left", proxies::isGone);
    }
  }

  private static void assertEchoes(Socket client, Socket server) throws IOException {
    client.getOutputStream().write(7);
    assertThat(server.getInputStream().read()).isEqualTo(7);
    server.getOutputStream().write(8);
    assertThat(client.getInputStream().read()).isEqualTo(8);
  }

  @Test
  void connectionsOfAPodThatLeavesWhileItsProxyEndsAreReset() throws Exception {
    knowClient();
    try (ServerSocket outside = insideListener()) {
      captured.set((InetSocketAddress) outside.getLocalSocketAddress());
      proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
      try (Socket client = connect(15001);
          Socket server = outside.accept()) {
        proxies.end(Duration.ofHours(1));
        assertEchoes(client, server);
        proxies.remove("a").get(30, TimeUnit.SECONDS);
        assertThatThrownBy(() -> client.getInputStream().read())
            .isInstanceOf(SocketException.class);
      }
      Await.until("nothing is left", proxies::isGone);
    }
  }

  @Test
  void podOfferedToAProxyThatEndsIsServedOnlyWhenNobodyElseDoes() throws Exception {
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    next.add(pod("a")).get(30, TimeUnit.SECONDS);
    proxies.end(Duration.ofHours(1));
    Await.until("it is let go", proxies::isGone);
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    proxies.standIn(Duration.ofHours(1));
    assertThat(proxies.pods()).isEmpty();
    next.remove("a").get(30, TimeUnit.SECONDS);
    Await.until("nobody serves it", next::isGone);
    // The agent would let a pod start that says it is served.
    assertThatThrownBy(() -> proxies.add(pod("a")).get(30, TimeUnit.SECONDS))
        .hasMessageContaining("no other serves the pod yet");
    proxies.standIn(Duration.ofHours(1));
    assertThat(proxies.pods()).extracting(Pod::uid).containsExactly("a");
    Await.until("it is served again", () -> isListening(15001));
    proxies.add(pod("a")).get(30, TimeUnit.SECONDS);
    next.add(pod("a")).get(30, TimeUnit.SECONDS);
    proxies.standIn(Duration.ofHours(1));
    Await.until("it is let go again", proxies::isGone);
    assertListening(15001);
  }

  private boolean isListening(int port) {
    try {
      assertListening(port);
      return true;
    } catch (Exception refused) {
      return false;
    }
  }

  private static long descriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void closedNamespaceIsAnErrorThatNamesThePod() throws Exception {
    Pod pod = pod("a");
    pod.netns().close();
    assertThat(proxies.add(pod)).failsWithin(30, TimeUnit.SECONDS);
    assertThat(proxies.pods()).isEmpty();
  }
}
