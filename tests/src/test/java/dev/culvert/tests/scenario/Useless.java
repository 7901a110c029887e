// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.hostile.Frame;
import java.util.HexFormat;

/** Frames that are cheap to send, and of no use. */
enum Useless {
  EMPTY_DATA(Frame.DATA, 0, 1, ""),
  PADDING_ONLY(Frame.DATA, 8, 1, "00"),
  PING(Frame.PING, 0, 0, "0000000000000000"),
  PING_ANSWER(Frame.PING, Frame.ACK, 0, "0000000000000000"),
  SETTINGS(Frame.SETTINGS, 0, 0, ""),
  SETTINGS_ANSWER(Frame.SETTINGS, Frame.ACK, 0, ""),
  TABLE_SIZE(Frame.SETTINGS, 0, 0, "000100000000"),
  WINDOW_OF_THE_TUNNEL(Frame.WINDOW_UPDATE, 0, 0, "00000001"),
  WINDOW_OF_A_STREAM(Frame.WINDOW_UPDATE, 0, 1, "00000001"),
  PRIORITY(Frame.PRIORITY, 0, 3, "0000000000"),
  UNKNOWN_TYPE(77, 0, 0, ""),
  RESET_OF_AN_ENDED_STREAM(Frame.RST_STREAM, 0, 1, "00000008");

  private final int type;
  private final int flags;
  private final int stream;
  private final String payload;

  Useless(int type, int flags, int stream, String payload) {
    this.type = type;
    this.flags = flags;
    this.stream = stream;
    this.payload = payload;
  }

  Frame frame() {
    return new Frame(type, flags, stream, HexFormat.of().parseHex(payload));
  }
}
