// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;

/**
 * Heads of HTTP/1.1 as bytes (RFC 9112, sections 2 to 5), written into the same room again and
 * again. Names and values have been checked by the fields they come from. Not thread-safe.
 */
final class Http1Head {
  private static final byte[] VERSION = ascii("HTTP/1.1 ");
  private static final byte[] OF_REQUEST = ascii(" HTTP/1.1\r\n");
  private static final byte[] LAST_CHUNK = ascii("0\r\n");
  private static final int BYTE = 0x100;

  private byte[] bytes = new byte[1024];
  private int length;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** A request's head. */
  void write(HttpRequest head) {
    length = 0;
    text(head.method().asciiName());
    put(' ');
    text(head.uri().isEmpty() ? "/" : head.uri());
    put(OF_REQUEST);
    fields(head.headers());
  }

  /** A response's head. */
  void write(HttpResponse head) {
    length = 0;
    put(VERSION);
    text(head.status().codeAsText());
    put(' ');
    text(head.status().reasonPhrase());
    line();
    fields(head.headers());
  }

  /** The end of a body in chunks. */
  void writeEnd(HttpHeaders trailers) {
    length = 0;
    put(LAST_CHUNK);
    fields(trailers);
  }

  private void fields(HttpHeaders headers) {
    Iterator<Map.Entry<CharSequence, CharSequence>> fields = headers.iteratorCharSequence();
    while (fields.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = fields.next();
      text(field.getKey());
      put(':');
      put(' ');
      text(field.getValue());
      line();
    }
    line();
  }

  private void line() {
    put('\r');
    put('\n');
  }

  private void put(char c) {
    room(1);
    bytes[length++] = (byte) c;
  }

  private void put(byte[] more) {
    room(more.length);
    System.arraycopy(more, 0, bytes, length, more.length);
    length += more.length;
  }

  /** One byte a character; there is none for those beyond. */
  private void text(CharSequence text) {
    int count = text.length();
    room(count);
    if (text instanceof AsciiString ascii) {
      System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, length, count);
    } else if (text instanceof String string && fits(string)) {
      copy(string);
    } else {
      for (int i = 0; i < count; i++) {
        bytes[length + i] = AsciiString.c2b(text.charAt(i));
      }
    }
    length += count;
  }

  private static boolean fits(String text) {
    int all = 0;
    for (int i = 0; i < text.length(); i++) {
      all |= text.charAt(i);
    }
    return all < BYTE;
  }

  @SuppressWarnings("deprecation") // their low bytes are all there is to such characters
  private void copy(String text) {
    text.getBytes(0, text.length(), bytes, length);
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
