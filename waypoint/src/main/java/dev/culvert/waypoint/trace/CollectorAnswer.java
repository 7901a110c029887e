// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * An answer of a collector, whose body says nothing that counts and is read away (RFC 9112).
 *
 * @param keeps whether the connection can be used again
 */
record CollectorAnswer(int status, boolean keeps) {
  /** Of a line, and of a body: more than any collector has to say. */
  private static final int MOST = 1 << 20;

  private static final int MOST_LINES = 1000;
  private static final int HEXADECIMAL = 16;

  /**
   * Reads one, without those that are only on the way (1xx).
   *
   * @throws IOException when it is none, or no whole one
   */
  static CollectorAnswer read(InputStream in) throws IOException {
    Head head = Head.read(in);
    for (int i = 0; head.status < 200; i++) {
      if (i == MOST_LINES) {
        throw new IOException("it answers without an end");
      }
      head = Head.read(in);
    }
    return new CollectorAnswer(head.status, !head.closes && isReadAway(in, head));
  }

  /** The status stands whatever comes of the body: what was taken must not be sent again. */
  private static boolean isReadAway(InputStream in, Head head) {
    if (head.status == 204 || head.status == 304) {
      return true;
    }
    try {
      return head.chunked ? skipChunks(in) : skip(in, head.length);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean skipChunks(InputStream in) throws IOException {
    long all = 0;
    for (long size = chunk(in); size != 0; size = chunk(in)) {
      all += size;
      if (all > MOST || !skip(in, size) || !line(in).isEmpty()) {
        return false;
      }
    }
    int lines = 0;
    while (!line(in).isEmpty()) {
      if (lines++ == MOST_LINES) {
        return false;
      }
    }
    return true;
  }

  private static long chunk(InputStream in) throws IOException {
    return number(line(in).split(";", 2)[0].strip(), HEXADECIMAL);
  }

  private static boolean skip(InputStream in, long bytes) throws IOException {
    if (bytes < 0 || bytes > MOST) {
      return false;
    }
    in.skipNBytes(bytes);
    return true;
  }

  private static long number(String text, int radix) throws IOException {
    try {
      return Long.parseLong(text, radix);
    } catch (NumberFormatException e) {
      throw new IOException("its answer has no length: " + text, e);
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(64);
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("it ended the connection");
      }
      if (line.size() == MOST) {
        throw new IOException("its answer has a line of more than " + MOST + " bytes");
      }
      line.write(next);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }

  /**
   * What counts of a head.
   *
   * @param length of the body; negative when it is not said
   */
  private record Head(int status, boolean closes, boolean chunked, long length) {
    static Head read(InputStream in) throws IOException {
      String[] first = line(in).split(" ", 3);
      if (first.length < 2 || !first[0].startsWith("HTTP/1.") || first[1].length() != 3) {
        throw new IOException("it does not answer in HTTP/1.1");
      }
      Head head = new Head((int) number(first[1], 10), !first[0].equals("HTTP/1.1"), false, -1);
      int lines = 0;
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        if (lines++ == MOST_LINES) {
          throw new IOException("its answer has a head without an end");
        }
        head = head.with(line.toLowerCase(Locale.ROOT));
      }
      return head;
    }

    private Head with(String line) throws IOException {
      int colon = line.indexOf(':');
      String value = line.substring(colon + 1).strip();
      return switch (line.substring(0, Math.max(0, colon))) {
        case "connection" -> new Head(status, closes || value.contains("close"), chunked, length);
        case "transfer-encoding" -> new Head(status, closes, true, length);
        case "content-length" -> new Head(status, closes, chunked, number(value, 10));
        default -> this;
      };
    }
  }
}
