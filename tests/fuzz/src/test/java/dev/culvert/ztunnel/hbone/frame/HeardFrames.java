// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;

/** A line for each thing a reader told; DATA of one stream in a row is one line. */
final class HeardFrames implements FrameListener {
  private final List<String> lines = new ArrayList<>();
  private final StringBuilder data = new StringBuilder();
  private int stream;
  private int padding;

  List<String> told() {
    endData("");
    return lines;
  }

  /** The first error is the last event. Its text may show bytes that had arrived. */
  void broken(FrameException e) {
    add("broken " + e.code());
  }

  private void add(String line) {
    endData("");
    lines.add(line);
  }

  private void endData(String how) {
    if (stream > 0) {
      lines.add("data %d %s +%d%s".formatted(stream, data, padding, how));
    }
    stream = 0;
    padding = 0;
    data.setLength(0);
  }

  @Override
  public void data(int number, ByteBuf part, int more, boolean last) {
    try {
      assertThat(number).isPositive();
      assertThat(more).isNotNegative();
      if (number != stream) {
        endData("");
      }
      stream = number;
      data.append(ByteBufUtil.hexDump(part));
      padding += more;
      if (last) {
        endData(" end");
      }
    } finally {
      part.release();
    }
  }

  @Override
  public void headers(int number, Http2Headers headers, boolean last) {
    add("headers %d %s %s".formatted(number, headers, last));
  }

  @Override
  public void headersTooLarge(int number) {
    add("headers too large " + number);
  }

  @Override
  public void headersMalformed(int number) {
    add("headers malformed " + number);
  }

  @Override
  public void ignored() {
    add("ignored");
  }

  @Override
  public void reset(int number, long code) {
    add("reset %d %d".formatted(number, code));
  }

  @Override
  public void setting(int id, long value) {
    add("setting %d %d".formatted(id, value));
  }

  @Override
  public void settingsEnd() {
    add("settings end");
  }

  @Override
  public void settingsAck() {
    add("settings ack");
  }

  @Override
  public void ping(long value, boolean ack) {
    add("ping %d %s".formatted(value, ack));
  }

  @Override
  public void goAway(int lastStream, long code, String reason) {
    assertThat(reason.chars()).allMatch(c -> c >= ' ' && c < 0x7f);
    add("go away %d %d %s".formatted(lastStream, code, reason));
  }

  @Override
  public void windowUpdate(int number, int bytes) {
    assertThat(bytes).isNotNegative();
    add("window %d %d".formatted(number, bytes));
  }
}
