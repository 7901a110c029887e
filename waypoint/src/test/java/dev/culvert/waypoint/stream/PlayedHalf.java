// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** An end of a connection that a test plays. */
final class PlayedHalf implements Half {
  final StringBuilder written = new StringBuilder();
  Events events;
  boolean reset;

  void send(byte[] bytes) {
    events.data(Unpooled.wrappedBuffer(bytes));
    events.dataComplete();
  }

  @Override
  public void start(Events taker) {
    events = taker;
  }

  @Override
  public void write(ByteBuf data, Half from) {
    written.append(data.toString(ISO_8859_1));
    data.release();
  }

  @Override
  public void flush() {}

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void readable(boolean wanted) {}

  @Override
  public boolean countsWritten() {
    return false;
  }

  @Override
  public void written(int bytes) {}

  @Override
  public void shutdownOutput() {}

  @Override
  public void reset() {
    reset = true;
  }
}
