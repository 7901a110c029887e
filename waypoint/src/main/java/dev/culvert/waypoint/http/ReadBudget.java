// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.channel.Channel;

/** Stops reading a connection while too much of what was read is still on its way. Event loop. */
public final class ReadBudget {
  private final Channel channel;
  private final int limit;
  private int underway;
  private boolean paused;

  /**
   * @param limit bytes under way beyond which nothing is read
   */
  public ReadBudget(Channel channel, int limit) {
    this.channel = channel;
    this.limit = limit;
  }

  /** So many bytes came. */
  public void took(int bytes) {
    underway += bytes;
    apply();
  }

  /** So many bytes are where they should go. */
  public void gave(int bytes) {
    underway -= bytes;
    apply();
  }

  /** Nothing is under way. */
  public void reset() {
    underway = 0;
    paused = false;
    apply();
  }

  /** Reads nothing until told otherwise. */
  public void pause(boolean wanted) {
    paused = wanted;
    apply();
  }

  private void apply() {
    boolean read = !paused && underway < limit;
    if (channel.config().isAutoRead() != read) {
      channel.config().setAutoRead(read);
    }
  }
}
