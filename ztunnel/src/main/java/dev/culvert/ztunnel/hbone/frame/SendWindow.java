// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

/**
 * What a peer still takes on all streams together (RFC 9113, section 5.2), and how many of its
 * WINDOW_UPDATEs what was sent explains: others are a flood. On an event loop.
 */
public final class SendWindow {
  /** Of WINDOW_UPDATEs that what was sent explains. */
  private static final int MOST_EARNED = 1 << 20;

  private long bytes = Settings.DEFAULT_WINDOW;
  private int earned;

  /** How many bytes the peer takes now. */
  public long bytes() {
    return bytes;
  }

  /** Whether the peer takes any. */
  public boolean isOpen() {
    return bytes > 0;
  }

  /**
   * The peer takes more.
   *
   * @throws FrameException when that is more than a window can have
   */
  public void grow(int more) throws FrameException {
    bytes += more;
    if (bytes > Integer.MAX_VALUE) {
      throw new FrameException(ErrorCode.FLOW_CONTROL_ERROR, "a window above 2^31 - 1");
    }
  }

  /**
   * So many bytes of a stream were sent. A reader gives room for what it read: by half a kilobyte,
   * or by whole short messages.
   *
   * @param all whether none of the stream wait any more
   */
  public void sent(int count, boolean all) {
    bytes -= count;
    earned = Math.min(MOST_EARNED, earned + (count >>> 9) + (all ? 2 : 0));
  }

  /** Whether what was sent explains one more WINDOW_UPDATE. */
  public boolean spendUpdate() {
    if (earned == 0) {
      return false;
    }
    earned--;
    return true;
  }
}
