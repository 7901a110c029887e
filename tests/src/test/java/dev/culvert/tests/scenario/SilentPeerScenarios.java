// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.DnsQuery;
import dev.culvert.tests.app.DnsServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Answer;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.hostile.Manner;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import org.junit.jupiter.api.Test;

/** Who is there and says nothing: found out by time, which no transport changes. */
abstract class SilentPeerScenarios {
  private static final int HBONE = 15008;
  private static final int SERVFAIL = 2;

  private final Mesh mesh;

  SilentPeerScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  /** The one is a server, the other a client; both at once, because it takes its time. */
  @Test
  void peersThatAnswerNoPingAreLetGo() throws Exception {
    int port = mesh.nextPort();
    try (PlayedPod silent = PlayedPod.add(mesh, "silent")) {
      HboneServer server =
          HboneServer.echo(mesh.authority().issue(silent.identity()), Manner.plain().deaf());
      try (AppServer _ = silent.serve(server);
          AppServer app = mesh.server().serve(port, Services.hold());
          AppConnection client = mesh.client().connect(silent.pod().at(port));
          HbonePeer peer = peer().greet()) {
        assertThat(client.echo("hello?")).isEqualTo("hello?");
        String authority = mesh.server().v4().getHostAddress() + ":" + port;
        assertThat(peer.answer(peer.request(HbonePeer.connectTo(authority))))
            .isEqualTo(new Answer.Status(200));
        peer.deaf();
        assertThat(Endings.of(client)).isEqualTo(Endings.RESET);
        Await.until("the server's tunnel is closed", () -> server.open() == 0);
        assertThat(peer.closing()).isNotEmpty();
        Await.until("the app is rid of the client", () -> app.open() == 0);
      }
    }
  }

  @Test
  void nameThatNoResolverAnswersFails() throws Exception {
    try (DnsServer asked = mesh.server().resolve(_ -> null);
        DnsServer nodes = mesh.uncapturedServer().resolve(_ -> null)) {
      DnsQuery query = new DnsQuery(1, "mute.example", DnsQuery.A);
      assertThat(
              DnsNameScenarios.ask(mesh.client(), mesh.server().at(DnsServer.PORT), query).code())
          .isEqualTo(SERVFAIL);
      assertThat(asked.datagrams("mute")).isPositive();
      assertThat(nodes.datagrams("mute")).isPositive();
    }
  }

  private HbonePeer peer() throws Exception {
    return HbonePeer.connect(
        mesh.outsider().connect(mesh.server().at(HBONE)).channel(),
        mesh.authority().issue(mesh.client().identity()));
  }
}
