// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;

/** What a reader told, a line for each event; the parts of a stream's DATA are one event. */
public class RecordedFrames implements FrameListener {
  private final List<String> events = new ArrayList<>();
  private final StringBuilder data = new StringBuilder();
  private int dataStream;
  private int padding;

  /** All until now. */
  public List<String> events() {
    endData(false);
    return events;
  }

  /** As {@link #events}, once. */
  public List<String> take() {
    List<String> all = List.copyOf(events());
    events.clear();
    return all;
  }

  private void add(String event) {
    endData(false);
    events.add(event);
  }

  private void endData(boolean last) {
    if (dataStream > 0) {
      events.add("data %d %s +%d%s".formatted(dataStream, data, padding, last ? " end" : ""));
    }
    dataStream = 0;
    padding = 0;
    data.setLength(0);
  }

  @Override
  public void data(int stream, ByteBuf part, int more, boolean last) {
    if (stream != dataStream) {
      endData(false);
    }
    dataStream = stream;
    data.append(ByteBufUtil.hexDump(part));
    part.release();
    padding += more;
    if (last) {
      endData(true);
    }
  }

  @Override
  public void headers(int stream, Http2Headers headers, boolean last) {
    StringBuilder all = new StringBuilder();
    headers.forEach(header -> all.append(header.getKey()).append('=').append(header.getValue()));
    add("headers %d %s%s".formatted(stream, all, last ? " end" : ""));
  }

  @Override
  public void headersTooLarge(int stream) {
    add("too large " + stream);
  }

  @Override
  public void headersMalformed(int stream) {
    add("malformed " + stream);
  }

  @Override
  public void ignored() {
    add("ignored");
  }

  @Override
  public void reset(int stream, long code) {
    add("reset %d %s".formatted(stream, ErrorCode.name(code)));
  }

  @Override
  public void setting(int id, long value) {
    add("setting %d %d".formatted(id, value));
  }

  @Override
  public void settingsEnd() {
    add("settings");
  }

  @Override
  public void settingsAck() {
    add("settings ack");
  }

  @Override
  public void ping(long number, boolean ack) {
    add((ack ? "pong " : "ping ") + number);
  }

  @Override
  public void goAway(int lastStream, long code, String reason) {
    add("goaway %d %s %s".formatted(lastStream, ErrorCode.name(code), reason));
  }

  @Override
  public void windowUpdate(int stream, int bytes) {
    add("window %d %d".formatted(stream, bytes));
  }
}
