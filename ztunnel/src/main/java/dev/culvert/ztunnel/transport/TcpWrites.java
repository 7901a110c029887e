// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.util.function.Consumer;

/** What goes to a socket: one promise for all that is sent at once, if its source counts at all. */
final class TcpWrites {
  private final Channel channel;
  private final Consumer<Throwable> broken;

  /** What was written last: what reports its departure needs a promise, the rest does not. */
  private ByteBuf held;

  private Half source;
  private int unreported;

  /**
   * @param broken told when something could not be sent
   */
  TcpWrites(Channel channel, Consumer<Throwable> broken) {
    this.channel = channel;
    this.broken = broken;
  }

  void add(ByteBuf data, Half from) {
    if (from.countsWritten()) {
      source = from;
      unreported += data.readableBytes();
    }
    writeHeld();
    held = data;
  }

  void flush() {
    write();
    channel.flush();
  }

  /** All that was added goes to the channel, with a report to its source. */
  void write() {
    if (unreported > 0) {
      reportWritten();
    } else {
      writeHeld();
    }
  }

  void drop() {
    if (held != null) {
      held.release();
      held = null;
    }
  }

  private void writeHeld() {
    if (held != null) {
      ByteBuf data = held;
      held = null;
      var _ = channel.write(data, channel.voidPromise());
    }
  }

  /** With the last bytes. */
  private void reportWritten() {
    ByteBuf last = held == null ? Unpooled.EMPTY_BUFFER : held;
    Half from = source;
    int bytes = unreported;
    held = null;
    unreported = 0;
    channel
        .write(last)
        .addListener(
            done -> {
              if (done.isSuccess()) {
                from.written(bytes);
              } else {
                broken.accept(done.cause());
              }
            });
  }
}
