// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.Settings;

/** How a tunnel's peer wants to be treated (RFC 9113 6.5.2). On the tunnel's event loop. */
final class PeerSettings {
  private int maxStreams = Integer.MAX_VALUE;
  private int newWindow = -1;
  private boolean told;

  /** Whether the peer has begun to speak. */
  boolean isTold() {
    return told;
  }

  /** Most streams that the peer takes. */
  int maxStreams() {
    return maxStreams;
  }

  /** One parameter of a SETTINGS frame. */
  void told(int id, long value, TunnelOutput output) throws FrameException {
    switch (id) {
      case Settings.HEADER_TABLE_SIZE -> output.writer().headerTable(value);
      case Settings.MAX_CONCURRENT_STREAMS -> maxStreams = (int) Math.min(value, Integer.MAX_VALUE);
      case Settings.INITIAL_WINDOW_SIZE -> {
        if (value > Integer.MAX_VALUE) {
          throw tooLarge();
        }
        newWindow = (int) value;
      }
      case Settings.MAX_FRAME_SIZE -> maxFrame(value, output);
      default -> {
        // Unknown ones are to be ignored; the others are about what a tunnel never sends.
      }
    }
  }

  /** The frame is over: a changed window is a walk over all streams, once for a frame. */
  void apply(TunnelHandler tunnel) throws FrameException {
    told = true;
    if (newWindow >= 0) {
      initialWindow(newWindow, tunnel);
      newWindow = -1;
    }
  }

  private static void initialWindow(int value, TunnelHandler tunnel) throws FrameException {
    int change = value - tunnel.output().initialWindow();
    if (!tunnel.growAll(change)) {
      throw tooLarge();
    }
    tunnel.output().initialWindow(value);
  }

  private static void maxFrame(long value, TunnelOutput output) throws FrameException {
    if (value < Settings.DEFAULT_MAX_FRAME || value > Settings.MAX_MAX_FRAME) {
      throw new FrameException(ErrorCode.PROTOCOL_ERROR, "MAX_FRAME_SIZE is " + value);
    }
    output.maxFrame((int) value);
  }

  private static FrameException tooLarge() {
    return new FrameException(ErrorCode.FLOW_CONTROL_ERROR, "a window above 2^31 - 1");
  }
}
