// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.transport.WholePacket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a tunnel sends at a time, and what the kernel makes of it. */
class WholePacketTest {
  /** Linux: gso_max_size, of which MAX_TCP_HEADER and one more are kept free (sk_setup_caps). */
  private static final int LARGEST_PACKET = 65_536 - 320 - 1;

  private static final int IP4 = 20;
  private static final int IP6 = 40;

  /** TCP's own head with the time stamps that Linux always asks for. */
  private static final int TCP = 20 + 12;

  /** RFC 9113, 4.1. */
  private static final int FRAME_HEAD = 9;

  /** RFC 8446, 5.1. */
  private static final int RECORD = 1 << 14;

  /** RFC 8446, 5.2, with AES-GCM: head, type of content and tag. */
  private static final int RECORD_OVERHEAD = 5 + 1 + 16;

  @ParameterizedTest
  @CsvSource({
    "an Ethernet card or veth, 1500",
    "VXLAN over that, 1450",
    "WireGuard over that, 1420",
    "a cloud's least, 1460",
    "jumbo frames, 9000",
    "jumbo frames in AWS, 9001"
  })
  void turnIsOnePacketAndFlushAreTwoWithHeadsAndRecords(String link, int mtu) {
    int packet = packet(mtu - IP4 - TCP);
    assertThat(onTheWire(TunnelOutput.TURN_BYTES, 1)).as(link).isLessThanOrEqualTo(packet);
    assertThat(onTheWire(TunnelOutput.FLUSH_BYTES, 2)).as(link).isLessThanOrEqualTo(2 * packet);
  }

  @Test
  void sameHoldsOverIp6WhereSegmentsAreSmall() {
    int packet = packet(1500 - IP6 - TCP);
    assertThat(onTheWire(TunnelOutput.TURN_BYTES, 1)).isLessThanOrEqualTo(packet);
    assertThat(onTheWire(TunnelOutput.FLUSH_BYTES, 2)).isLessThanOrEqualTo(2 * packet);
  }

  @Test
  void turnIsOnePacketOfAPodsLoopback() {
    int loopback = 65_536 - IP4 - TCP;
    assertThat(TunnelOutput.TURN_BYTES).isLessThanOrEqualTo(loopback);
  }

  @Test
  void oneKibibyteMoreWouldLeaveARest() {
    assertThat(onTheWire(WholePacket.BYTES + 1024, 1)).isGreaterThan(packet(9000 - IP4 - TCP));
  }

  /** Whole segments only: the kernel cuts none of them. */
  private static int packet(int segment) {
    return LARGEST_PACKET / segment * segment;
  }

  private static int onTheWire(int bytes, int frames) {
    int plain = bytes + frames * FRAME_HEAD;
    int records = (plain + RECORD - 1) / RECORD;
    return plain + records * RECORD_OVERHEAD;
  }
}
