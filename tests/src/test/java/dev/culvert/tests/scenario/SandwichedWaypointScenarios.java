// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.PodEdit;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A waypoint of another make that leaves its tunnels to the node's proxy; the test plays it. */
abstract class SandwichedWaypointScenarios {
  private static final String WAYPOINT = "sandwiched.yaml";
  private static final String SERVICE = "behind-sandwiched.yaml";
  private static final String HOST = "behind-sandwiched.mesh.svc.cluster.local";
  private static final int BOUND = 15088;
  private static final int FIXED_BYTES = 16;

  private final Mesh mesh;
  private final InetSocketAddress vip;
  private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
  private MeshPod pod;
  private AppServer waypoint;

  /** What a header told of a client. */
  private record Told(InetSocketAddress client, InetSocketAddress asked, String identity) {}

  SandwichedWaypointScenarios(Mesh mesh) {
    this.mesh = mesh;
    this.vip = new InetSocketAddress(mesh.nextServiceAddress(), 80);
  }

  @BeforeEach
  void startWaypoint() throws Exception {
    pod = mesh.addPod(Mesh.NODE_2, "sandwiched", true);
    mesh.describe(pod, true, PodEdit.label("gateway.networking.k8s.io/gateway-name", "sandwiched"));
    waypoint = pod.serve(BOUND, this::serve);
    mesh.apply(
        WAYPOINT,
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata:
          name: sandwiched
          namespace: mesh
          annotations: {ambient.istio.io/waypoint-inbound-binding: PROXY/%d}
        spec:
          gatewayClassName: other-waypoint
          listeners: [{name: mesh, port: 15008, protocol: HBONE}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: sandwiched, namespace: mesh}
        spec:
          clusterIP: 198.19.2.11
          selector: {gateway.networking.k8s.io/gateway-name: sandwiched}
          ports: [{name: mesh, port: 15008}]
        """
            .formatted(BOUND));
    mesh.apply(
        SERVICE,
        """
        apiVersion: v1
        kind: Service
        metadata:
          name: behind-sandwiched
          namespace: mesh
          labels: {culvert.dev/use-waypoint: sandwiched}
        spec:
          clusterIP: %s
          selector: {app: server}
          ports: [{name: tcp, port: 80, targetPort: 8530}]
        """
            .formatted(vip.getAddress().getHostAddress()));
    // Before that it is anybody's address, where a connection waits until it times out.
    mesh.client().awaitService(HOST);
    mesh.server().awaitService(HOST);
  }

  @AfterEach
  void meshIsAsItWas() throws Exception {
    mesh.withdraw(SERVICE);
    mesh.withdraw(WAYPOINT);
    waypoint.close();
    pod.close();
  }

  private void serve(AppConnection connection) throws IOException, InterruptedException {
    told.add(header(connection));
    Services.echo().serve(connection);
  }

  private static Told header(AppConnection connection) throws IOException {
    DataInputStream in = new DataInputStream(Channels.newInputStream(connection.channel()));
    byte[] fixed = in.readNBytes(FIXED_BYTES);
    byte[] rest = in.readNBytes(ByteBuffer.wrap(fixed).getShort(FIXED_BYTES - 2));
    EmbeddedChannel decoder = new EmbeddedChannel(new HAProxyMessageDecoder());
    decoder.writeInbound(Unpooled.wrappedBuffer(fixed, rest));
    HAProxyMessage message = decoder.readInbound();
    try {
      return new Told(
          new InetSocketAddress(message.sourceAddress(), message.sourcePort()),
          new InetSocketAddress(message.destinationAddress(), message.destinationPort()),
          message.tlvs().getFirst().content().toString(US_ASCII));
    } finally {
      message.release();
      decoder.finishAndReleaseAll();
    }
  }

  @Test
  void clientOfAnotherNodeIsToldByHeader() throws Exception {
    assertToldOf(mesh.client());
  }

  @Test
  void clientOfTheSameNodeIsToldByHeader() throws Exception {
    assertToldOf(mesh.server());
  }

  private void assertToldOf(MeshPod from) throws Exception {
    Await.until("the waypoint answers", () -> echoes(from) && !told.isEmpty());
    told.clear();
    waypoint.forgetPeers();
    try (AppConnection client = from.connect(vip)) {
      assertThat(client.echo("kept")).isEqualTo("kept");
      Told one = told.poll(30, TimeUnit.SECONDS);
      assertThat(one)
          .isEqualTo(
              new Told(
                  new InetSocketAddress(from.v4(), client.local().getPort()),
                  vip,
                  from.identity()));
      assertThat(waypoint.nextPeer().getAddress().isLoopbackAddress()).isTrue();
    }
  }

  /** It is told of who calls its port itself, and nobody reaches that with a header of his own. */
  @Test
  void nobodyElseWritesAHeader() throws Exception {
    Await.until("the waypoint answers", () -> echoes(mesh.client()) && !told.isEmpty());
    told.clear();
    waypoint.forgetPeers();
    InetSocketAddress bound = pod.at(BOUND);
    for (MeshPod from : List.of(mesh.client(), mesh.server())) {
      try (AppConnection client = from.connect(bound)) {
        assertThat(client.echo("me?")).isEqualTo("me?");
        InetSocketAddress own = new InetSocketAddress(from.v4(), client.local().getPort());
        assertThat(told.poll(30, TimeUnit.SECONDS))
            .isEqualTo(new Told(own, bound, from.identity()));
        waypoint.nextPeer();
      }
    }
    try (AppConnection forger = mesh.outsider().connect(bound)) {
      assertThat(Endings.of(forger)).isEqualTo(Endings.RESET);
    }
    assertThat(waypoint.waitingPeers()).isZero();
    int port = mesh.nextPort();
    try (AppServer _ = pod.serve(port, Services.echo());
        AppConnection scraper = mesh.outsider().connect(pod.at(port))) {
      assertThat(scraper.echo("metrics?")).isEqualTo("metrics?");
    }
  }

  private boolean echoes(MeshPod from) {
    try (AppConnection connection = from.connect(vip)) {
      return connection.echo("anybody?").equals("anybody?");
    } catch (IOException _) {
      return false;
    }
  }
}
