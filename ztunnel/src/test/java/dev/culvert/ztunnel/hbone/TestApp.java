// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.transport.Half;
import io.netty.buffer.ByteBuf;

/** The other end of a stream's relay: says what came, takes it when it is told to. */
final class TestApp implements Half, Half.Events {
  private final Half stream;
  private int waiting;
  int received;
  boolean ended;
  boolean outputEnded;
  Throwable failure;

  TestApp(Half stream) {
    this.stream = stream;
  }

  static TestApp on(Half stream) {
    TestApp app = new TestApp(stream);
    stream.start(app);
    return app;
  }

  /** All that came is written on. */
  void take() {
    int bytes = waiting;
    waiting = 0;
    stream.written(bytes);
  }

  @Override
  public void data(ByteBuf data) {
    assert !ended && failure == null;
    received += data.readableBytes();
    waiting += data.readableBytes();
    data.release();
  }

  @Override
  public void inputEnded() {
    assert !ended;
    ended = true;
  }

  @Override
  public void outputEnded() {
    outputEnded = true;
  }

  @Override
  public void failed(Throwable cause) {
    failure = cause;
  }

  @Override
  public void dataComplete() {}

  @Override
  public void writable() {}

  @Override
  public void start(Events events) {}

  @Override
  public void write(ByteBuf data, Half from) {
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
  public void reset() {}
}
