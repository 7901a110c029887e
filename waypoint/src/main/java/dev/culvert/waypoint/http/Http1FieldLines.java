// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.util.AsciiString;

/**
 * Fields of a head, or trailers, read in place (RFC 9112, section 5): names and values are parts of
 * the one array. One for each head.
 */
public final class Http1FieldLines {
  private static final int TOO_MANY = 431;

  private final byte[] bytes;
  private final boolean strict;
  private int at;

  /**
   * @param bytes up to the empty line, and with it
   * @param at where the first field begins
   * @param strict whether what servers are known to read in two ways is refused, as it is of
   *     clients: white space before a colon and values in several lines (sections 5.1 and 5.2)
   */
  public Http1FieldLines(byte[] bytes, int at, boolean strict) {
    this.bytes = bytes;
    this.at = at;
    this.strict = strict;
  }

  /**
   * Reads all of them.
   *
   * @param most fields that there may be
   * @throws Http1Exception when one is none, or there are too many
   */
  public void read(HttpFields to, int most) throws Http1Exception {
    for (int count = 0; bytes[at] != '\r' && bytes[at] != '\n'; count++) {
      if (count == most) {
        throw new Http1Exception(TOO_MANY, "more than %d header fields".formatted(most));
      }
      AsciiString name = name();
      to.addRead(name, value());
    }
    if (at + (bytes[at] == '\r' ? 2 : 1) != bytes.length) {
      throw new Http1Exception("an end of a line within a header field");
    }
  }

  private AsciiString name() throws Http1Exception {
    int from = at;
    int hash = Http1Names.begin();
    byte next = bytes[at];
    while (Http1Bytes.isToken(next)) {
      hash = Http1Names.hash(hash, next);
      next = bytes[++at];
    }
    int to = at;
    while (!strict && Http1Bytes.isBlank(next)) {
      next = bytes[++at];
    }
    if (next != ':' || from == to) {
      throw new Http1Exception("a header field without a name");
    }
    at++;
    return Http1Names.of(bytes, from, to, hash);
  }

  private AsciiString value() throws Http1Exception {
    while (Http1Bytes.isBlank(bytes[at])) {
      at++;
    }
    int from = at;
    toLineEnd();
    while (isFolded()) {
      unfold();
      toLineEnd();
    }
    int to = at;
    while (to > from && Http1Bytes.isBlank(bytes[to - 1])) {
      to--;
    }
    skipLineEnd();
    return from == to ? AsciiString.EMPTY_STRING : new AsciiString(bytes, from, to - from, false);
  }

  /** The last byte is an LF, which no value has. */
  private void toLineEnd() {
    while (Http1Bytes.isText(bytes[at])) {
      at++;
    }
  }

  /** How long the end of a line here is; 0 when there is none. */
  private int lineEnd() {
    if (bytes[at] == '\r' && bytes[at + 1] == '\n') {
      return 2;
    }
    return bytes[at] == '\n' && !strict ? 1 : 0;
  }

  private boolean isFolded() throws Http1Exception {
    int next = at + lineEnd();
    boolean folded = next > at && next < bytes.length && Http1Bytes.isBlank(bytes[next]);
    if (folded && strict) {
      throw new Http1Exception("a header field of several lines");
    }
    return folded;
  }

  /** One line with spaces means the same. */
  private void unfold() {
    for (int end = at + lineEnd(); at < end; at++) {
      bytes[at] = ' ';
    }
  }

  private void skipLineEnd() throws Http1Exception {
    int length = lineEnd();
    if (length == 0) {
      throw new Http1Exception("a character that no header field has");
    }
    at += length;
  }
}
