// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.peers.LeakWatch;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;

/** The side that is asked, with a peer that sends what it likes. */
abstract class ServerTunnelCase {
  static final String REFUSED = "REFUSED_STREAM";

  final List<InboundConnect> asked = new ArrayList<>();
  final FramedPeer peer =
      new FramedPeer(ServerTunnel.create(TunnelSettings.standard(), asked::add));

  @AfterEach
  final void close() {
    peer.close();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  final Stream open(int id) {
    peer.request(id);
    HboneStream half = (HboneStream) asked.getLast().accept("");
    Stream stream = new Stream(half, TestApp.on(half));
    assertThat(peer.heard()).contains("headers %d :status=200baggage=".formatted(id));
    return stream;
  }

  record Stream(HboneStream half, TestApp app) {
    void write(int bytes) {
      half.write(Unpooled.wrappedBuffer(new byte[bytes]), app);
      half.flush();
    }
  }

  final String sent(int stream) {
    return peer.heard().stream()
        .filter(event -> event.startsWith("data " + stream + " "))
        .map(event -> Integer.toString(event.split(" ", -1)[2].length() / 2))
        .findFirst()
        .orElse("nothing");
  }

  final void assertEnded(String code) {
    assertThat(peer.heard().getLast()).startsWith("goaway").contains(code);
    assertThat(peer.channel.isOpen()).isFalse();
  }
}
