// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

/** What a peer may still send, on one stream or on all of them (RFC 9113, section 5.2). */
final class Http2Window {
  private final int size;
  private int left;
  private int returned;

  Http2Window(int size) {
    this.size = size;
    this.left = size;
  }

  /** The peer sent so many bytes; false when that was more than it may. */
  boolean take(int bytes) {
    left -= bytes;
    return left >= 0;
  }

  /** So many bytes are where they should go; how many to tell the peer of, mostly none yet. */
  int give(int bytes) {
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
