// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.ztunnel.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The lines of {@link AccessLine} as bytes of UTF-8, one behind the other in the same room. Not
 * thread-safe.
 */
final class LineBytes implements LogEntry.Fields {
  private static final int ASCII = 0x80;
  private static final byte[] SPECIAL = special();

  private byte[] bytes;
  private int length;

  LineBytes() {
    this(64 * 1024);
  }

  private LineBytes(int room) {
    this.bytes = new byte[room];
  }

  private static byte[] special() {
    byte[] special = new byte[ASCII];
    Arrays.fill(special, 0, ' ', (byte) 1);
    special['"'] = 1;
    special['\\'] = 1;
    special[ASCII - 1] = 1;
    return special;
  }

  /** Fields alone, without a line around them. */
  static byte[] of(KnownFields fields) {
    LineBytes own = new LineBytes(1024);
    fields.writeTo(own);
    return Arrays.copyOf(own.bytes, own.length);
  }

  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Leaves only the first so many bytes. */
  void cut(int first) {
    length = first;
  }

  /** A line with what comes before its message. */
  void line(byte[] begin, LogEntry entry) {
    put(begin);
    raw(entry.message());
    entry.writeTo(this);
    put('\n');
  }

  /** A line that is laid out already. */
  void line(String whole) {
    raw(whole);
    put('\n');
  }

  @Override
  public void text(String name, String value) {
    name(name);
    if (isQuotable(value)) {
      put('"');
      ascii(value);
      put('"');
    } else {
      put(JsonText.quoted(value).getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void plain(String name, String value) {
    if (AccessLine.isPlain(value)) {
      name(name);
      ascii(value);
    } else {
      text(name, value);
    }
  }

  @Override
  public void number(String name, long value) {
    name(name);
    ascii(Long.toString(value));
  }

  @Override
  public void known(KnownFields fields) {
    byte[] known = fields.line();
    if (known == null) {
      fields.writeTo(this);
    } else {
      put(known);
    }
  }

  private void name(String name) {
    put(' ');
    raw(name);
    put('=');
  }

  /**
   * Whether nothing of it is escaped between quotes, and each character is a byte. Most are such to
   * the end, so it is gone through without a branch for each.
   */
  private static boolean isQuotable(String text) {
    int special = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      special |= SPECIAL[c & (ASCII - 1)] | (c / ASCII);
    }
    return special == 0;
  }

  private void raw(String text) {
    if (isQuotable(text)) {
      ascii(text);
    } else {
      put(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @SuppressWarnings("deprecation") // the low bytes of its characters are all there is to ASCII
  private void ascii(String text) {
    room(text.length());
    text.getBytes(0, text.length(), bytes, length);
    length += text.length();
  }

  private void put(byte[] more) {
    room(more.length);
    System.arraycopy(more, 0, bytes, length, more.length);
    length += more.length;
  }

  private void put(char c) {
    room(1);
    bytes[length++] = (byte) c;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
