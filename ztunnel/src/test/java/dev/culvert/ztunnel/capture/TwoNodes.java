// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.MeshTrust;
import dev.culvert.ztunnel.identity.Revocations;
import dev.culvert.ztunnel.identity.TestCertificates;
import dev.culvert.ztunnel.limits.LimitSettings;
import dev.culvert.ztunnel.limits.TestLimits;
import dev.culvert.ztunnel.peers.TestCa;
import dev.culvert.ztunnel.xds.Workload;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Two nodes in one process: pod client on the first, pod web on the second. Each pod is an address
 * of 127.0.0.0/8 that no other test uses, so that its ports are its own.
 */
final class TwoNodes implements AutoCloseable {
  final TestMesh mesh = new TestMesh();
  final TestCa ca = new TestCa("mesh root");
  final TestCertificates certificatesOne;
  final TestCertificates certificatesTwo;
  final SimpleMeterRegistry metersOne = new SimpleMeterRegistry();
  final SimpleMeterRegistry metersTwo = new SimpleMeterRegistry();
  final TestNode one;
  final TestNode two;
  final Workload client;
  final Workload web;

  private final Map<InetSocketAddress, InetSocketAddress> captured = new ConcurrentHashMap<>();

  TwoNodes(Way way) throws Exception {
    this(way, TunnelSettings.standard(), 1);
  }

  TwoNodes(Way way, TunnelSettings settings, int threads) throws Exception {
    this(
        way,
        settings,
        threads,
        new MeshTrust(TrustDomains.only(TestCertificates.DOMAIN), Revocations.none()));
  }

  /**
   * @param trust of both nodes
   */
  TwoNodes(Way way, TunnelSettings settings, int threads, MeshTrust trust) throws Exception {
    this(way, settings, threads, trust, TestLimits.WIDE);
  }

  /**
   * @param limits of each node
   */
  TwoNodes(Way way, TunnelSettings settings, int threads, MeshTrust trust, LimitSettings limits)
      throws Exception {
    certificatesOne = new TestCertificates(ca, ca, way.engine(), trust);
    certificatesTwo = new TestCertificates(ca, ca, way.engine(), trust);
    one =
        new TestNode(
            way.transport(),
            threads,
            mesh,
            certificatesOne,
            settings,
            TestLimits.node(limits, metersOne),
            captured);
    two =
        new TestNode(
            way.transport(),
            threads,
            mesh,
            certificatesTwo,
            settings,
            TestLimits.node(limits, metersTwo),
            captured);
    client = TestWorkloads.pod("client", "one", freshAddress());
    web = TestWorkloads.pod("web", "two", freshAddress());
    mesh.put(client);
    mesh.put(web);
    one.add(client);
    two.add(web);
  }

  static InetAddress freshAddress() throws IOException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return InetAddress.getByAddress(
        new byte[] {
          127,
          (byte) random.nextInt(1, 255),
          (byte) random.nextInt(1, 255),
          (byte) random.nextInt(1, 255)
        });
  }

  /** An app of a pod, on a free port. */
  static ServerSocket app(Workload pod) throws IOException {
    return new ServerSocket(0, 1024, pod.addresses().getFirst());
  }

  /** A connection of the client, captured on its way to {@code asked}. */
  Socket connect(InetSocketAddress asked) throws IOException {
    return connect(client, asked);
  }

  Socket connect(Workload from, InetSocketAddress asked) throws IOException {
    InetAddress own = from.addresses().getFirst();
    Socket socket = new Socket();
    socket.setSoTimeout(30_000);
    socket.bind(new InetSocketAddress(own, 0));
    captured.put((InetSocketAddress) socket.getLocalSocketAddress(), asked);
    socket.connect(new InetSocketAddress(own, 15001));
    return socket;
  }

  static InetSocketAddress address(ServerSocket app) {
    return (InetSocketAddress) app.getLocalSocketAddress();
  }

  @Override
  public void close() {
    one.close();
    two.close();
  }
}
