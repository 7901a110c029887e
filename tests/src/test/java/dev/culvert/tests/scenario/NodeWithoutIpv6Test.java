// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.net.StandardProtocolFamily.INET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.DnsQuery;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.Root;
import dev.culvert.tests.mesh.Transports;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The mesh on machines that were booted with {@code ipv6.disable=1}. */
@Root
@ParameterizedClass(name = "{0}")
@MethodSource("transports")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
record NodeWithoutIpv6Test(String transport) {
  private static final int READY_PORT = 15021;
  private static final int STATS_PORT = 15020;
  private static Mesh mesh;

  static Stream<String> transports() {
    return Transports.available();
  }

  @BeforeParameterizedClassInvocation
  static void start(String transport) throws Exception {
    mesh = Mesh.startWithoutIpv6(transport);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
      mesh = null;
    }
  }

  @Test
  void podOfAnotherNodeIsReachedWithIdentity() throws Exception {
    assertThat(sourceSeen(mesh.client(), mesh.server())).contains(mesh.client().identity());
  }

  @Test
  void podOfTheSameNodeIsReachedWithIdentity() throws Exception {
    assertThat(sourceSeen(mesh.client(), mesh.neighbour())).contains(mesh.client().identity());
  }

  @Test
  void plaintextComesIn() throws Exception {
    assertThat(sourceSeen(mesh.outsider(), mesh.server())).isEmpty();
  }

  @Test
  void plaintextGoesOut() throws Exception {
    MeshPod plain = mesh.uncapturedServer();
    int port = mesh.nextPort();
    try (AppServer _ = plain.serve(port, Services.echo());
        AppConnection app = mesh.client().connect(plain.at(port))) {
      assertThat(app.echo("out of the mesh")).isEqualTo("out of the mesh");
    }
  }

  @Test
  void serviceIsResolvedAndReached() throws Exception {
    DnsQuery query = new DnsQuery(1, Mesh.SERVICE_HOST, DnsQuery.A);
    try (DatagramChannel socket = mesh.client().udp(INET)) {
      socket.connect(Mesh.RESOLVER_V4);
      socket.write(query.packet());
      ByteBuffer answer = ByteBuffer.allocate(512);
      socket.read(answer);
      assertThat(query.reply(answer.flip()).addresses()).containsOnly(mesh.serviceAddress());
    }
    try (AppServer _ = mesh.server().serve(Mesh.SERVICE_TARGET_PORT, Services.echo());
        AppConnection app =
            mesh.client().connect(new InetSocketAddress(mesh.serviceAddress(), 80))) {
      assertThat(app.echo("by service")).isEqualTo("by service");
    }
  }

  @Test
  void portsOutsideOfPodsAreServed() throws Exception {
    assertThat(mesh.client().askZtunnel(READY_PORT, "/healthz/ready")).isNotEmpty();
    assertThat(mesh.client().askZtunnel(STATS_PORT, "/metrics")).contains("istio_build");
  }

  @Test
  void podThatComesLaterIsServed() throws Exception {
    try (MeshPod later = mesh.addPod(Mesh.NODE_2, "later", true)) {
      Await.until(
          "the client's node has heard of it",
          () -> sourceSeen(mesh.client(), later).equals(Optional.of(mesh.client().identity())));
    }
  }

  private static Optional<String> sourceSeen(MeshPod from, MeshPod to) throws Exception {
    InetSocketAddress destination = to.at(mesh.nextPort());
    return mesh.sourceIdentity(from.v4(), to, destination, () -> converse(from, to, destination));
  }

  private static String converse(MeshPod from, MeshPod to, InetSocketAddress destination)
      throws IOException, InterruptedException {
    try (AppServer server = to.serve(destination.getPort(), Services.echo());
        AppConnection app = from.connect(INET, destination)) {
      assertThat(app.echo("over IPv4")).isEqualTo("over IPv4");
      assertThat(server.nextPeer().getAddress()).isEqualTo(from.v4());
      app.finish();
      return app.receiveAll();
    }
  }
}
