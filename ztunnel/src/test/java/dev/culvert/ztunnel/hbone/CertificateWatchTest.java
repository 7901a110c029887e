// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A tunnel that its certificates do not last as long as. */
class CertificateWatchTest {
  private static final String REFUSED = "reset 3 REFUSED_STREAM";

  private final List<InboundConnect> asked = new ArrayList<>();
  private final ServerTunnel tunnel =
      ServerTunnel.create(TunnelSettings.standard(), connect -> asked.add(connect));
  private final FramedPeer peer = new FramedPeer(tunnel);
  private Duration left = Duration.ofSeconds(90);

  @AfterEach
  void close() {
    peer.close();
  }

  @Test
  void takesNoNewStreamsOnceOneHasEndedAndKeepsThoseItHas() {
    peer.request(1);
    CertificateWatch.awaitEnd(tunnel.context(), () -> left, tunnel);
    assertThat(pass(Duration.ofSeconds(80))).noneMatch(event -> event.startsWith("goaway"));
    assertThat(pass(Duration.ofSeconds(10))).anyMatch(event -> event.startsWith("goaway 1 "));
    peer.request(3);
    assertThat(peer.heard()).contains(REFUSED);
    assertThat(asked).hasSize(1);
    asked.getFirst().accept("");
    assertThat(peer.heard()).anyMatch(event -> event.startsWith("headers 1 :status=200"));
  }

  @Test
  void clockThatIsSetForwardIsFollowedWithinAMinute() {
    left = Duration.ofDays(1);
    peer.request(1);
    CertificateWatch.awaitEnd(tunnel.context(), () -> left, tunnel);
    left = Duration.ofSeconds(-1);
    assertThat(pass(Duration.ofSeconds(60))).anyMatch(event -> event.startsWith("goaway 1 "));
  }

  @Test
  void clockThatIsSetBackIsFollowed() {
    peer.request(1);
    CertificateWatch.awaitEnd(tunnel.context(), () -> left, tunnel);
    left = left.plusHours(1);
    assertThat(pass(Duration.ofMinutes(30))).noneMatch(event -> event.startsWith("goaway"));
  }

  /** Lets time pass for the tunnel and the clock, while the peer answers PINGs; what it heard. */
  private List<String> pass(Duration time) {
    List<String> all = new ArrayList<>();
    for (long passed = 0; passed < time.toSeconds(); passed += 10) {
      left = left.minusSeconds(10);
      peer.later(10_000);
      List<String> heard = peer.heard();
      heard.stream().filter(e -> e.startsWith("ping ")).forEach(e -> peer.answerPing(List.of(e)));
      all.addAll(heard);
      all.addAll(peer.heard());
    }
    return all;
  }
}
