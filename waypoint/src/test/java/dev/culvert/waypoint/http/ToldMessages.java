// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Writes down what is read: heads in brackets, data in parentheses, trailers after a dot, and a
 * semicolon where what had waited was read.
 */
final class ToldMessages implements Http1Messages, AutoCloseable {
  static final int MOST = 2000;
  private static final int MOST_FIELDS = 10;

  final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false, true);
  final Http1Input input;
  final boolean client;
  private final StringBuilder told = new StringBuilder();
  private String head = "";

  /** Whether each message is followed by the next one at once. */
  boolean resuming;

  /** Whether it stops at the first head. */
  boolean stopping;

  ToldMessages(boolean client) {
    this.client = client;
    this.input = new Http1Input(this, memory, client, MOST);
  }

  @Override
  public long head(byte[] bytes) throws Http1Exception {
    int line = new String(bytes, ISO_8859_1).indexOf('\n') + 1;
    HttpFields fields = new HttpFields();
    new Http1FieldLines(bytes, line, client).read(fields, MOST_FIELDS);
    head = new String(bytes, 0, line, ISO_8859_1).strip() + text(fields);
    return fields.contains(HttpHeaderNames.TRANSFER_ENCODING)
        ? CHUNKED
        : Math.max(0, ContentLength.of(fields));
  }

  private static String text(HttpHeaders fields) {
    StringBuilder all = new StringBuilder();
    fields.forEach(
        field -> all.append(' ').append(field.getKey()).append('=').append(field.getValue()));
    return all.toString();
  }

  @Override
  public void begin() {
    told.append('[').append(head).append("](");
    if (stopping) {
      input.stop();
    }
  }

  @Override
  public void data(ByteBuf data) {
    told.append(data.toString(ISO_8859_1));
    data.release();
  }

  @Override
  public void ended(HttpHeaders trailers) {
    told.append(told.lastIndexOf("(") > told.lastIndexOf(")") ? ")." : ".")
        .append(text(trailers).strip());
    if (resuming) {
      input.resume();
    }
  }

  @Override
  public void dataComplete() {
    told.append(';');
  }

  @Override
  public void unreadable(Http1Exception problem) {
    told.append('!').append(problem.status()).append(' ').append(problem.getMessage());
  }

  @Override
  public String toString() {
    return told.toString();
  }

  /** Nothing is kept in the end. */
  @Override
  public void close() {
    input.stop();
    assertThat(memory.metric().usedHeapMemory()).as("heap buffers left").isZero();
    assertThat(memory.metric().usedDirectMemory()).as("direct buffers left").isZero();
  }
}
