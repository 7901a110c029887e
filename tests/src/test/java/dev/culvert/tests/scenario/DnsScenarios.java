// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.DnsQuery;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.junit.jupiter.api.Test;

/**
 * DNS over UDP of a captured pod: whatever resolver it asks, the node's proxy answers in that
 * resolver's name.
 */
abstract class DnsScenarios {

  private final Mesh mesh;

  DnsScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void connectedSocket() throws Exception {
    assertThat(askConnected(INET, Mesh.RESOLVER_V4)).containsOnly(mesh.serviceAddress());
  }

  @Test
  void connectedSocketV4Mapped() throws Exception {
    assertThat(askConnected(INET6, Mesh.RESOLVER_V4)).containsOnly(mesh.serviceAddress());
  }

  @Test
  void connectedSocketOverIpv6() throws Exception {
    assertThat(askConnected(INET6, Mesh.RESOLVER_V6)).containsOnly(mesh.serviceAddress());
  }

  @Test
  void unconnectedSocket() throws Exception {
    assertThat(askUnconnected(INET, Mesh.RESOLVER_V4)).containsOnly(mesh.serviceAddress());
  }

  @Test
  void unconnectedSocketV4Mapped() throws Exception {
    assertThat(askUnconnected(INET6, Mesh.RESOLVER_V4)).containsOnly(mesh.serviceAddress());
  }

  @Test
  void unconnectedSocketOverIpv6() throws Exception {
    assertThat(askUnconnected(INET6, Mesh.RESOLVER_V6)).containsOnly(mesh.serviceAddress());
  }

  @Test
  void namesInsideTheNamespaceAreShort() throws Exception {
    DnsQuery query = new DnsQuery(7, Mesh.SERVICE + "." + Mesh.NAMESPACE, DnsQuery.A);
    try (DatagramChannel socket = mesh.client().udp(INET)) {
      socket.connect(Mesh.RESOLVER_V4);
      assertThat(ask(socket, query).addresses()).containsOnly(mesh.serviceAddress());
    }
  }

  @Test
  void familyThatTheServiceLacksIsAnEmptyAnswer() throws Exception {
    DnsQuery query = new DnsQuery(8, Mesh.SERVICE_HOST, DnsQuery.AAAA);
    try (DatagramChannel socket = mesh.client().udp(INET)) {
      socket.connect(Mesh.RESOLVER_V4);
      DnsQuery.Reply reply = ask(socket, query);
      assertThat(reply.code()).isZero();
      assertThat(reply.addresses()).isEmpty();
      assertThat(reply.authority()).isTrue();
    }
  }

  @Test
  void headlessServiceIsItsPodsAndTheyAreInTheMesh() throws Exception {
    mesh.apply(
        "headless.yaml",
        """
        apiVersion: v1
        kind: Service
        metadata: {name: headless, namespace: mesh}
        spec: {clusterIP: None, selector: {app: server}, ports: [{name: tcp, port: 8540}]}
        """);
    String host = "headless.mesh.svc.cluster.local";
    mesh.client().awaitService(host);
    try (DatagramChannel socket = mesh.client().udp(INET);
        AppServer _ = mesh.server().serve(8540, Services.echo())) {
      socket.connect(Mesh.RESOLVER_V4);
      assertThat(ask(socket, new DnsQuery(9, host, DnsQuery.A)).addresses())
          .containsExactly(mesh.server().v4());
      InetSocketAddress pod = mesh.server().at(8540);
      assertThat(mesh.sourceIdentity(mesh.client().v4(), mesh.server(), pod, () -> converse(pod)))
          .contains(mesh.client().identity());
    } finally {
      mesh.withdraw("headless.yaml");
    }
  }

  private String converse(InetSocketAddress pod) throws IOException {
    try (AppConnection connection = mesh.client().connect(pod)) {
      return connection.echo("by its pod");
    }
  }

  private Iterable<InetAddress> askConnected(ProtocolFamily family, InetSocketAddress resolver)
      throws IOException {
    DnsQuery query = new DnsQuery(1, Mesh.SERVICE_HOST, DnsQuery.A);
    try (DatagramChannel socket = client(resolver).udp(family)) {
      socket.connect(resolver);
      assertThat(socket.getRemoteAddress()).isEqualTo(resolver);
      return ask(socket, query).addresses();
    }
  }

  private Iterable<InetAddress> askUnconnected(ProtocolFamily family, InetSocketAddress resolver)
      throws IOException {
    DnsQuery query = new DnsQuery(2, Mesh.SERVICE_HOST, DnsQuery.A);
    try (DatagramChannel socket = client(resolver).udp(family)) {
      socket.send(query.packet(), resolver);
      ByteBuffer answer = ByteBuffer.allocate(512);
      assertThat(socket.receive(answer)).isEqualTo(resolver);
      return query.reply(answer.flip()).addresses();
    }
  }

  private static DnsQuery.Reply ask(DatagramChannel socket, DnsQuery query) throws IOException {
    socket.write(query.packet());
    ByteBuffer answer = ByteBuffer.allocate(512);
    socket.read(answer);
    return query.reply(answer.flip());
  }

  private MeshPod client(InetSocketAddress resolver) {
    return resolver.equals(Mesh.RESOLVER_V4) ? mesh.client() : mesh.clientWithoutV4();
  }
}
