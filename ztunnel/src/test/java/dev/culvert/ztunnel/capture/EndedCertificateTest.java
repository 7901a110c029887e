// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.xds.Workload;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tunnels that are in use for longer than their certificates are good. All ways wait together. */
@Timeout(60)
class EndedCertificateTest {
  private static final int BRIEF_SECONDS = 5;

  private final List<Meeting> meetings = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Meeting meeting : meetings) {
      meeting.close();
    }
  }

  @Test
  void tunnelWhoseSourcesCertificateEndedKeepsItsConnectionAndOpensNoOther() throws Exception {
    for (Way way : Way.all()) {
      Meeting meeting = new Meeting(way);
      meetings.add(meeting);
      meeting.renewSource(BRIEF_SECONDS);
      meeting.open();
    }
    awaitEnd();
    for (Meeting meeting : meetings) {
      meeting.renewSource(3600);
      assertThat(meeting.answers()).as("%s is renewed", meeting.way).isTrue();
    }
  }

  @Test
  void tunnelWhoseDestinationsCertificateEndedKeepsItsConnectionAndOpensNoOther() throws Exception {
    for (Way way : Way.all()) {
      Meeting meeting = new Meeting(way);
      meetings.add(meeting);
      meeting.renewDestination(BRIEF_SECONDS);
      meeting.open();
    }
    awaitEnd();
    for (Meeting meeting : meetings) {
      meeting.renewDestination(3600);
      assertThat(meeting.answers()).as("%s is renewed", meeting.way).isTrue();
    }
  }

  /** As it is each day: there is a new one long before. */
  @Test
  void connectionsThatBeginWhileARenewedCertificateEndsAllSucceed() throws Exception {
    for (Way way : Way.all()) {
      Meeting meeting = new Meeting(way);
      meetings.add(meeting);
      meeting.renewSource(BRIEF_SECONDS);
      meeting.open();
      meeting.renewSource(3600);
    }
    Instant ended = Instant.now().plusSeconds(BRIEF_SECONDS + 1);
    while (Instant.now().isBefore(ended)) {
      for (Meeting meeting : meetings) {
        assertThat(meeting.answers()).as("%s goes on", meeting.way).isTrue();
      }
    }
    for (Meeting meeting : meetings) {
      assertThat(meeting.echoes(meeting.open)).as("%s: what is open", meeting.way).isTrue();
    }
  }

  private void awaitEnd() {
    for (Meeting meeting : meetings) {
      Await.until(meeting.way + " opens nothing more", () -> !meeting.answers());
      assertThat(meeting.answers()).isFalse();
      assertThat(meeting.echoes(meeting.open)).as("%s: what is open", meeting.way).isTrue();
    }
  }

  /** A client, an app that echoes, and one connection between them that stays. */
  private static final class Meeting implements AutoCloseable {
    private final Way way;
    private final TwoNodes nodes;
    private final ServerSocket app;
    private Socket open;

    Meeting(Way way) throws Exception {
      this.way = way;
      this.nodes = new TwoNodes(way);
      this.app = TwoNodes.app(nodes.web);
      nodes.certificatesOne.prefetch(nodes.client.identity());
      nodes.certificatesTwo.prefetch(nodes.web.identity());
      Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
      try {
        while (true) {
          Socket peer = app.accept();
          Thread.ofVirtual().start(() -> echo(peer));
        }
      } catch (IOException _) {
        // closed by the test
      }
    }

    private static void echo(Socket peer) {
      try (peer) {
        peer.getInputStream().transferTo(peer.getOutputStream());
      } catch (IOException _) {
        // the client is gone
      }
    }

    void renewSource(int seconds) {
      Workload pod = nodes.client;
      nodes.certificatesOne.replace(pod.identity(), in(seconds), pod.identity().toString());
    }

    void renewDestination(int seconds) {
      Workload pod = nodes.web;
      nodes.certificatesTwo.replace(pod.identity(), in(seconds), pod.identity().toString());
    }

    private static Instant in(int seconds) {
      return Instant.now().plusSeconds(seconds);
    }

    void open() throws IOException {
      open = nodes.connect(TwoNodes.address(app));
      assertThat(echoes(open)).as("%s begins", way).isTrue();
    }

    boolean answers() {
      try (Socket client = nodes.connect(TwoNodes.address(app))) {
        return echoes(client);
      } catch (IOException _) {
        return false;
      }
    }

    boolean echoes(Socket client) {
      try {
        client.getOutputStream().write(7);
        return client.getInputStream().read() == 7;
      } catch (IOException _) {
        return false;
      }
    }

    @Override
    public void close() throws IOException {
      if (open != null) {
        open.close();
      }
      app.close();
      nodes.close();
    }
  }
}
