// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;

/** The other end of a stream's relay: takes everything at once, as a fast app does. */
final class Sink implements Half, Half.Events {
  private final Half from;
  private long taken;

  /**
   * @param from the end that it reads from
   */
  Sink(Half from) {
    this.from = from;
  }

  /** Bytes that came until now. */
  long taken() {
    return taken;
  }

  @Override
  public void data(ByteBuf data) {
    int bytes = data.readableBytes();
    taken += bytes;
    data.release();
    from.written(bytes);
  }

  @Override
  public void write(ByteBuf data, Half from) {
    data.release();
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public boolean countsWritten() {
    return false;
  }

  /** Streams that are open at the end of a benchmark break. */
  @Override
  public void failed(Throwable cause) {}

  @Override
  public void start(Events events) {}

  @Override
  public void dataComplete() {}

  @Override
  public void inputEnded() {}

  @Override
  public void outputEnded() {}

  @Override
  public void writable() {}

  @Override
  public void flush() {}

  @Override
  public void readable(boolean wanted) {}

  @Override
  public void written(int bytes) {}

  @Override
  public void shutdownOutput() {}

  @Override
  public void reset() {}
}
