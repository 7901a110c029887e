// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

/** What a peer may still send, on one stream or on all; RFC 9113, section 5.2. On an event loop. */
public final class ReceiveWindow {
  private final int size;
  private int left;
  private int returned;

  /**
   * @param size in bytes, at first and at most; at least 2
   */
  public ReceiveWindow(int size) {
    this.size = size;
    this.left = size;
  }

  /** The peer sent so many bytes; false when that was more than it may. */
  public boolean take(int bytes) {
    left -= bytes;
    return left >= 0;
  }

  /**
   * So many bytes went on their way; how many to tell the peer of, mostly none yet: half a window
   * at a time.
   */
  public int give(int bytes) {
    returned += bytes;
    if (returned < size / 2) {
      return 0;
    }
    int grant = returned;
    returned = 0;
    left += grant;
    return grant;
  }
}
