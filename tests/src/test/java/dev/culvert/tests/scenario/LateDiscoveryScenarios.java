// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.net.StandardProtocolFamily.INET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.DnsQuery;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Answer;
import dev.culvert.tests.hostile.FakeAgent;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a ztunnel does of which discovery has told it nothing, a part, or something again. */
abstract class LateDiscoveryScenarios {
  private static final int PORT = 8570;

  private final LoneZtunnel lone;

  LateDiscoveryScenarios(LoneZtunnel lone) {
    this.lone = lone;
  }

  @BeforeEach
  void connect() throws Exception {
    lone.connect();
  }

  /** It reconnects for the next one, or this could not begin. */
  @AfterEach
  void hangUp() {
    lone.hangUp();
  }

  /** The versions of what it holds are all that the controlplane needs to send nothing of it. */
  @Test
  void whatIsKnownIsTalliedNotFetchedAgainAfterAReconnect() throws Exception {
    lone.feed()
        .tell(
            Feed.ADDRESS,
            "10",
            Feed.resource("kept", Feed.workload("kept", new byte[] {(byte) 198, 18, 9, 10})));
    assertThat(lone.feed().acknowledged(Feed.ADDRESS, "10")).isTrue();
    assertThat(lone.configDump()).contains("\"kept\"");
    DeltaDiscoveryRequest first = lone.reconnected();
    assertThat(first.getInitialResourceVersionsMap()).containsEntry("kept", "1");
    assertThat(first.getResponseNonce()).isEmpty();
    lone.feed().tell(Feed.ADDRESS, "11");
    assertThat(lone.feed().acknowledged(Feed.ADDRESS, "11")).isTrue();
    lone.feed().tell(Feed.AUTHORIZATION, "11");
    assertThat(lone.feed().acknowledged(Feed.AUTHORIZATION, "11")).isTrue();
    assertThat(lone.configDump()).contains("\"kept\"");
    lone.feed().remove(Feed.ADDRESS, "12", "kept");
    assertThat(lone.feed().acknowledged(Feed.ADDRESS, "12")).isTrue();
    assertThat(lone.configDump()).doesNotContain("\"kept\"");
  }

  @Test
  void policyThatIsNamedAndNotReceivedRefusesUntilItIs() throws Exception {
    MeshPod pod = lone.mesh().client();
    byte[] address = pod.v4().getAddress();
    try (NetworkNamespace netns = lone.clientNamespace();
        AppServer app = pod.serve(PORT, Services.echo())) {
      assertThat(lone.session().ask(FakeAgent.add("uid-client", "client"), netns.fd())).isEmpty();
      lone.feed()
          .tell(
              Feed.ADDRESS,
              "20",
              Feed.resource("client", Feed.workload("client", address, "mesh/late")));
      assertThat(lone.feed().acknowledged(Feed.ADDRESS, "20")).isTrue();
      assertThat(attempt(pod)).isEqualTo(new Answer.Status(401));
      lone.feed().tell(Feed.AUTHORIZATION, "21", Feed.policy("mesh", "other"));
      assertThat(lone.feed().acknowledged(Feed.AUTHORIZATION, "21")).isTrue();
      assertThat(attempt(pod)).isEqualTo(new Answer.Status(401));
      assertThat(app.waitingPeers()).isZero();

      lone.feed().tell(Feed.AUTHORIZATION, "22", Feed.policy("mesh", "late"));
      assertThat(lone.feed().acknowledged(Feed.AUTHORIZATION, "22")).isTrue();
      try (HbonePeer open = peer(pod).greet()) {
        int stream = open.request(HbonePeer.connectTo(authority(pod)));
        assertThat(open.answer(stream)).isEqualTo(new Answer.Status(200));
        lone.feed().remove(Feed.AUTHORIZATION, "23", "mesh/late");
        assertThat(lone.feed().acknowledged(Feed.AUTHORIZATION, "23")).isTrue();
        Await.until("what was open is closed", () -> app.open() == 0);
        assertThat(attempt(pod)).isEqualTo(new Answer.Status(401));
      }
    } finally {
      assertThat(lone.session().ask(FakeAgent.delete("uid-client"))).isEmpty();
      lone.feed().remove(Feed.ADDRESS, "24", "client");
      assertThat(lone.feed().acknowledged(Feed.ADDRESS, "24")).isTrue();
      lone.feed().remove(Feed.AUTHORIZATION, "25", "mesh/other");
    }
  }

  @Test
  void podThatDiscoveryHasNotToldOfIsServedNothing() throws Exception {
    MeshPod pod = lone.mesh().client();
    try (NetworkNamespace netns = lone.clientNamespace();
        AppServer app = pod.serve(PORT, Services.echo());
        AppServer outside = lone.mesh().uncapturedServer().serve(PORT, Services.echo())) {
      assertThat(lone.session().ask(FakeAgent.add("uid-client", "client"), netns.fd())).isEmpty();
      try (AppConnection out = pod.connect(lone.mesh().uncapturedServer().at(PORT))) {
        out.send("who am I?");
        assertThat(attempt(pod)).isEqualTo(new Answer.Status(503));
        assertThat(Endings.of(out)).isEqualTo(Endings.RESET);
      }
      assertThat(app.waitingPeers()).isZero();
      assertThat(outside.waitingPeers()).isZero();
      String reason = "the control plane does not know this pod";
      for (String direction : List.of("inbound", "outbound")) {
        Await.until("the log says why of " + direction, () -> logs(direction, reason));
      }
      assertThat(ask(pod, Mesh.SERVICE_HOST).code()).as("SERVFAIL").isEqualTo(2);
    } finally {
      assertThat(lone.session().ask(FakeAgent.delete("uid-client"))).isEmpty();
    }
  }

  private boolean logs(String direction, String reason) throws IOException {
    return Files.readAllLines(lone.mesh().client().ztunnelLog()).stream()
        .anyMatch(
            line ->
                line.contains("direction=\"%s\"".formatted(direction)) && line.contains(reason));
  }

  /** Several, so that each loop of ztunnel has some that wait. */
  @Test
  void connectionsOfAPodWaitUntilDiscoveryTellsOfIt() throws Exception {
    MeshPod pod = lone.mesh().client();
    List<AppConnection> waiting = new ArrayList<>();
    try (NetworkNamespace netns = lone.clientNamespace();
        AppServer outside = lone.mesh().uncapturedServer().serve(PORT, Services.echo())) {
      assertThat(lone.session().ask(FakeAgent.add("uid-client", "client"), netns.fd())).isEmpty();
      for (int i = 0; i < 8; i++) {
        AppConnection out = pod.connect(lone.mesh().uncapturedServer().at(PORT));
        waiting.add(out);
        out.send("who am I?");
      }
      assertThat(lone.configDump()).doesNotContain("\"Kubernetes//Pod/mesh/client\"");
      assertThat(outside.waitingPeers()).isZero();
      lone.feed()
          .tell(
              Feed.ADDRESS,
              "30",
              Feed.resource("client", Feed.workload("client", pod.v4().getAddress())));
      for (AppConnection out : waiting) {
        assertThat(out.receive(9)).isEqualTo("who am I?");
      }
    } finally {
      for (AppConnection out : waiting) {
        out.close();
      }
      assertThat(lone.session().ask(FakeAgent.delete("uid-client"))).isEmpty();
      lone.feed().remove(Feed.ADDRESS, "31", "client");
      assertThat(lone.feed().acknowledged(Feed.ADDRESS, "31")).isTrue();
    }
  }

  @Test
  void hostOfTwoOtherNamespacesIsThePreferredOnes() throws Exception {
    MeshPod pod = lone.mesh().client();
    String host = "both.example";
    try (NetworkNamespace netns = lone.clientNamespace()) {
      assertThat(lone.session().ask(FakeAgent.add("uid-client", "client"), netns.fd())).isEmpty();
      lone.feed()
          .tell(
              Feed.ADDRESS,
              "40",
              Feed.resource("client", Feed.workload("client", pod.v4().getAddress())),
              Feed.service("another", host, true, Feed.address("", "198.19.7.1")),
              Feed.service("preferred", host, false, Feed.address("", "198.19.7.2")));
      assertThat(lone.feed().acknowledged(Feed.ADDRESS, "40")).isTrue();
      assertThat(ask(pod, host).addresses()).containsExactly(InetAddress.ofLiteral("198.19.7.2"));
      lone.feed().remove(Feed.ADDRESS, "41", "preferred/" + host);
      assertThat(lone.feed().acknowledged(Feed.ADDRESS, "41")).isTrue();
      assertThat(ask(pod, host).addresses()).containsExactly(InetAddress.ofLiteral("198.19.7.1"));
    } finally {
      forget("42", "another/" + host);
    }
  }

  @Test
  void addressOfAnotherNetworkIsNotTold() throws Exception {
    MeshPod pod = lone.mesh().client();
    try (NetworkNamespace netns = lone.clientNamespace()) {
      assertThat(lone.session().ask(FakeAgent.add("uid-client", "client"), netns.fd())).isEmpty();
      lone.feed()
          .tell(
              Feed.ADDRESS,
              "50",
              Feed.resource("client", Feed.workload("client", pod.v4().getAddress())),
              Feed.service(
                  "mesh",
                  "spread.example",
                  true,
                  Feed.address("far", "198.19.7.3"),
                  Feed.address("", "198.19.7.4")));
      assertThat(lone.feed().acknowledged(Feed.ADDRESS, "50")).isTrue();
      assertThat(ask(pod, "spread.example").addresses())
          .containsExactly(InetAddress.ofLiteral("198.19.7.4"));
    } finally {
      forget("51", "mesh/spread.example");
    }
  }

  /** Takes the client and a service away again. */
  private void forget(String nonce, String service) throws Exception {
    assertThat(lone.session().ask(FakeAgent.delete("uid-client"))).isEmpty();
    lone.feed().remove(Feed.ADDRESS, nonce, "client", service);
    assertThat(lone.feed().acknowledged(Feed.ADDRESS, nonce)).isTrue();
  }

  private static DnsQuery.Reply ask(MeshPod pod, String name) throws IOException {
    DnsQuery query = new DnsQuery(1, name, DnsQuery.A);
    try (DatagramChannel socket = pod.udp(INET)) {
      socket.send(query.packet(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 15053));
      ByteBuffer answer = ByteBuffer.allocate(512);
      socket.receive(answer);
      return query.reply(answer.flip());
    }
  }

  private Answer attempt(MeshPod pod) throws IOException {
    try (HbonePeer peer = peer(pod)) {
      return peer.attempt(authority(pod));
    }
  }

  private HbonePeer peer(MeshPod pod) throws IOException {
    SocketChannel channel = lone.mesh().outsider().connect(pod.at(15008)).channel();
    return HbonePeer.connect(
        channel, lone.authority().issue("spiffe://cluster.local/ns/mesh/sa/outsider"));
  }

  private static String authority(MeshPod pod) {
    return pod.hostPort(PORT);
  }
}
