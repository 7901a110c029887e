// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Small parts of a body that wait for a slow reader, copied together: what waits costs memory for
 * its bytes, and not for its parts, which their sender may choose as small as it likes. On an event
 * loop.
 */
public final class SmallParts {
  /** What is as long as this may wait as it is. */
  static final int SMALL = 1024;

  private @Nullable ByteBuf together;

  /** Takes a part if it is small; returns whether it did. */
  public boolean add(ByteBuf part) {
    if (part.readableBytes() >= SMALL) {
      return false;
    }
    if (together == null) {
      together = part.alloc().buffer(SMALL);
    }
    together.writeBytes(part);
    part.release();
    return true;
  }

  /** Gives on what waits, as one part; null when nothing does. */
  public @Nullable ByteBuf take() {
    ByteBuf taken = together;
    together = null;
    return taken;
  }

  /** Gives it up. */
  public void release() {
    if (together != null) {
      together.release();
      together = null;
    }
  }
}
