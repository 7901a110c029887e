// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/** Tells what was read, whatever pieces its bodies came in. */
final class HeardMessages implements Http1Messages {
  private static final int MAX_FIELDS = 100;

  private final StringBuilder told = new StringBuilder();
  private final boolean client;
  private Http1Input reader;

  HeardMessages(boolean client) {
    this.client = client;
  }

  /** Each message is followed by the next one. */
  void resumes(Http1Input input) {
    reader = input;
  }

  String told() {
    return told.toString();
  }

  @Override
  public long head(byte[] bytes) throws Http1Exception {
    String text = new String(bytes, ISO_8859_1);
    assertThat(text).endsWith("\n");
    int line = text.indexOf('\n') + 1;
    HttpFields fields = new HttpFields();
    new Http1FieldLines(bytes, line, client).read(fields, MAX_FIELDS);
    told.append("head ").append(text, 0, line);
    tell(fields);
    if (fields.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return CHUNKED;
    }
    long length = ContentLength.of(fields);
    return length < 0 && !client ? TO_THE_END : Math.max(0, length);
  }

  private void tell(HttpHeaders fields) {
    fields.forEach(
        field -> {
          assertThat(field.getKey()).isNotEmpty().doesNotContainAnyWhitespaces();
          assertThat(field.getValue()).doesNotContain("\r", "\n", "\0");
          told.append(field.getKey()).append('=').append(field.getValue()).append('\n');
        });
  }

  @Override
  public void begin() {
    told.append("begin\n");
  }

  @Override
  public void data(ByteBuf data) {
    assertThat(data.isReadable()).isTrue();
    told.append(data.toString(ISO_8859_1));
    data.release();
  }

  @Override
  public void ended(HttpHeaders trailers) {
    told.append("\nended\n");
    tell(trailers);
    reader.resume();
  }

  @Override
  public void dataComplete() {
    throw new AssertionError("all is read within the read");
  }

  @Override
  public void unreadable(Http1Exception problem) {
    assertThat(problem.status()).isBetween(400, 599);
    told.append("\nunreadable ").append(problem.getMessage());
  }
}
