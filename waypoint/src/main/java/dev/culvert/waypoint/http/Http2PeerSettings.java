// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.Settings;

/** How a peer wants to be treated (RFC 9113, section 6.5.2). On the connection's event loop. */
final class Http2PeerSettings {
  /** RFC 8441, section 3. */
  static final int ENABLE_CONNECT_PROTOCOL = 8;

  private final boolean server;
  private int maxStreams = Integer.MAX_VALUE;
  private int newWindow = -1;

  /**
   * @param server whether we are the server
   */
  Http2PeerSettings(boolean server) {
    this.server = server;
  }

  /** Most streams that the peer takes. */
  int maxStreams() {
    return maxStreams;
  }

  /** One parameter of a SETTINGS frame. */
  void told(int id, long value, Http2Output output) throws FrameException {
    switch (id) {
      case Settings.HEADER_TABLE_SIZE -> output.writer().headerTable(value);
      case Settings.ENABLE_PUSH -> flag(id, value, server ? 1 : 0);
      case Settings.MAX_CONCURRENT_STREAMS -> maxStreams = (int) Math.min(value, Integer.MAX_VALUE);
      case Settings.INITIAL_WINDOW_SIZE -> {
        if (value > Integer.MAX_VALUE) {
          throw tooLarge();
        }
        newWindow = (int) value;
      }
      case Settings.MAX_FRAME_SIZE -> {
        if (value < Settings.DEFAULT_MAX_FRAME || value > Settings.MAX_MAX_FRAME) {
          throw wrong(id, value);
        }
        output.maxFrame((int) value);
      }
      case ENABLE_CONNECT_PROTOCOL -> flag(id, value, 1);
      default -> {
        // Unknown ones are to be ignored; how long a head may be is the peer's to say for each.
      }
    }
  }

  private static void flag(int id, long value, int most) throws FrameException {
    if (value > most) {
      throw wrong(id, value);
    }
  }

  private static FrameException wrong(int id, long value) {
    return new FrameException(ErrorCode.PROTOCOL_ERROR, "setting %d is %d".formatted(id, value));
  }

  /** The frame is over: a changed window is a walk over all streams, once for a frame. */
  void apply(Http2Session session) throws FrameException {
    if (newWindow >= 0) {
      int change = newWindow - session.output().initialWindow();
      session.output().initialWindow(newWindow);
      newWindow = -1;
      if (!session.growAll(change)) {
        throw tooLarge();
      }
    }
  }

  private static FrameException tooLarge() {
    return new FrameException(ErrorCode.FLOW_CONTROL_ERROR, "a window above 2^31 - 1");
  }
}
