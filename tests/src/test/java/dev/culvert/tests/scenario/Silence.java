// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.DnsQuery;
import dev.culvert.tests.app.DnsServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Answer;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.hostile.Manner;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Those who are there and say nothing: a server and a client of tunnels that answer no PING, and
 * two resolvers. It takes half a minute until they are found out, which other scenarios use.
 */
final class Silence {
  private static final int HBONE = 15008;
  private static final int SERVFAIL = 2;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Mesh mesh;
  private HboneServer server;
  private AppServer app;
  private AppConnection client;
  private HbonePeer peer;
  private DnsServer asked;
  private DnsServer nodes;
  private Future<DnsQuery.Reply> answer;

  private Silence(Mesh mesh) {
    this.mesh = mesh;
  }

  /**
   * Begins it.
   *
   * @param authority that the mesh trusts
   */
  static Silence begin(Mesh mesh, CertificateAuthority authority) throws Exception {
    Silence silence = new Silence(mesh);
    try {
      silence.beginTunnels(authority);
      silence.beginQuery();
      return silence;
    } catch (Exception | Error e) {
      silence.end();
      throw e;
    }
  }

  private void beginTunnels(CertificateAuthority authority) throws Exception {
    int port = mesh.nextPort();
    PlayedPod silent = keep(PlayedPod.add(mesh, "silent"));
    server = HboneServer.echo(authority.issue(silent.identity()), Manner.plain().deaf());
    keep(silent.serve(server));
    client = keep(mesh.client().connect(silent.pod().at(port)));
    assertThat(client.echo("hello?")).isEqualTo("hello?");

    app = keep(mesh.server().serve(port, Services.hold()));
    peer =
        keep(
            HbonePeer.connect(
                    mesh.outsider().connect(mesh.server().at(HBONE)).channel(),
                    authority.issue(mesh.client().identity()))
                .greet());
    String target = mesh.server().hostPort(port);
    assertThat(peer.answer(peer.request(HbonePeer.connectTo(target))))
        .isEqualTo(new Answer.Status(200));
    peer.deaf();
  }

  private void beginQuery() throws IOException {
    asked = keep(mesh.server().resolve(_ -> null));
    nodes = keep(mesh.uncapturedServer().resolve(_ -> null));
    ExecutorService thread = Executors.newSingleThreadExecutor();
    open.push(thread::shutdownNow);
    DnsQuery query = new DnsQuery(1, "mute.example", DnsQuery.A);
    answer =
        thread.submit(
            () -> DnsNameScenarios.ask(mesh.client(), mesh.server().at(DnsServer.PORT), query));
  }

  private <T extends AutoCloseable> T keep(T one) {
    open.push(one);
    return one;
  }

  /** Both tunnels are closed, and what was in them is reset. */
  void awaitTunnelsClosed() throws Exception {
    assertThat(Endings.of(client)).isEqualTo(Endings.RESET);
    Await.until("the server's tunnel is closed", () -> server.open() == 0);
    assertThat(peer.closing()).isNotEmpty();
    Await.until("the app is rid of the client", () -> app.open() == 0);
  }

  /** Both resolvers were asked, and the pod is told that nobody knows. */
  void awaitFailure() throws Exception {
    assertThat(answer.get(60, TimeUnit.SECONDS).code()).isEqualTo(SERVFAIL);
    assertThat(asked.datagrams("mute")).isPositive();
    assertThat(nodes.datagrams("mute")).isPositive();
  }

  /** Closes all that is left of it. */
  void end() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }
}
