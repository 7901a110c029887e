// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

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
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/** Proxies of pods in real network namespaces; needs root, as the proxy itself. */
abstract class PodProxiesCase {
  @Parameter Transport transport;

  final AtomicReference<InetSocketAddress> captured = new AtomicReference<>();
  private final TestMesh mesh = new TestMesh();
  private final RecordedTelemetry telemetry = new RecordedTelemetry();
  private final List<TestNetns> namespaces = new ArrayList<>();
  TestNetns own;
  EventLoopGroup workers;
  private PolicyWatch watch;
  TestCertificates certificates;
  PodProxies proxies;
  PodProxies next;

  static List<Transport> transports() {
    return Transport.available();
  }

  @BeforeEach
  final void start() throws Exception {
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
  final void stop() throws Exception {
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

  final Pod pod(String uid) throws IOException {
    return pod(uid, own);
  }

  final Pod podElsewhere(String uid) throws Exception {
    return pod(uid, addNamespace());
  }

  private static Pod pod(String uid, TestNetns namespace) throws IOException {
    return new Pod(
        uid, "shop", "client", "client", TestWorkloads.identity("client"), namespace.open());
  }

  final Socket connect(int port) throws Exception {
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

  final void assertListening(int port) throws Exception {
    connect(port).close();
  }

  final void knowClient() throws IOException {
    mesh.put(TestWorkloads.pod("client", "one", TwoNodes.freshAddress()));
  }

  /** The unknown destination of a captured connection, in the pod's own namespace. */
  final ServerSocket insideListener() throws Exception {
    try (NetworkNamespace netns = own.open()) {
      return netns.call(() -> new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.2")));
    }
  }

  final boolean isListening(int port) {
    try {
      assertListening(port);
      return true;
    } catch (Exception refused) {
      return false;
    }
  }
}
