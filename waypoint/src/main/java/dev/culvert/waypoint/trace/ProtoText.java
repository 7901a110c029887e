// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Protobuf's wire format, written one behind the other into room that grows (Protocol Buffers,
 * Encoding). Not thread-safe.
 */
final class ProtoText {
  /** Of a length that is written before what it is of is known; protobuf reads it as any other. */
  private static final int LENGTH_BYTES = 3;

  private static final int LONGEST_VARINT = 10;
  private static final int SEVEN_BITS = 0x7f;
  private static final int MORE = 0x80;
  private static final int ASCII = 0x80;
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int DELIMITED = 2;
  private static final int FIXED32 = 5;

  private byte[] bytes;
  private int length;

  ProtoText(int room) {
    bytes = new byte[room];
  }

  int length() {
    return length;
  }

  /** All of it; the array is no copy. */
  byte[] array() {
    return bytes;
  }

  /** Leaves only the first so many bytes. */
  void cut(int first) {
    length = first;
  }

  // === fields ===

  void number(int field, long value) {
    room(2 * LONGEST_VARINT);
    tag(field, VARINT);
    varint(value);
  }

  void fixed64(int field, long value) {
    room(LONGEST_VARINT + Long.BYTES);
    tag(field, FIXED64);
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  void fixed32(int field, int value) {
    room(LONGEST_VARINT + Integer.BYTES);
    tag(field, FIXED32);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  /**
   * Bytes that are known by their hex digits.
   *
   * @param digits in lower case, an even number of them
   */
  void hex(int field, String digits) {
    int count = digits.length() / 2;
    room(2 * LONGEST_VARINT + count);
    tag(field, DELIMITED);
    varint(count);
    for (int i = 0; i < count; i++) {
      bytes[length++] =
          (byte) ((digit(digits.charAt(2 * i)) << 4) | digit(digits.charAt(2 * i + 1)));
    }
  }

  private static int digit(char c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
  }

  void text(int field, String value) {
    if (isAscii(value)) {
      room(2 * LONGEST_VARINT + value.length());
      tag(field, DELIMITED);
      varint(value.length());
      ascii(value);
    } else {
      bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static boolean isAscii(String text) {
    int all = 0;
    for (int i = 0; i < text.length(); i++) {
      all |= text.charAt(i);
    }
    return all < ASCII;
  }

  /** The low bytes of its characters are all there is to it. */
  @SuppressWarnings("deprecation")
  private void ascii(String text) {
    text.getBytes(0, text.length(), bytes, length);
    length += text.length();
  }

  void bytes(int field, byte[] value) {
    bytes(field, value, value.length);
  }

  /** The first so many of these. */
  void bytes(int field, byte[] value, int size) {
    room(2 * LONGEST_VARINT + size);
    tag(field, DELIMITED);
    varint(size);
    System.arraycopy(value, 0, bytes, length, size);
    length += size;
  }

  /**
   * Begins a field of as many bytes as follow.
   *
   * @return what {@link #close} is to be told
   */
  int open(int field) {
    room(LONGEST_VARINT + LENGTH_BYTES);
    tag(field, DELIMITED);
    length += LENGTH_BYTES;
    return length;
  }

  /** Ends it, with a length in as many bytes as were left for it: at most 2 MiB. */
  void close(int opened) {
    int size = length - opened;
    for (int i = LENGTH_BYTES; i > 1; i--) {
      bytes[opened - i] = (byte) ((size & SEVEN_BITS) | MORE);
      size >>>= 7;
    }
    bytes[opened - 1] = (byte) (size & SEVEN_BITS);
  }

  /** Takes over what another has written. */
  void add(ProtoText other) {
    room(other.length);
    System.arraycopy(other.bytes, 0, bytes, length, other.length);
    length += other.length;
  }

  // === the wire ===

  private void tag(int field, int type) {
    varint(((long) field << 3) | type);
  }

  private void varint(long value) {
    long left = value;
    while ((left & ~SEVEN_BITS) != 0) {
      bytes[length++] = (byte) ((left & SEVEN_BITS) | MORE);
      left >>>= 7;
    }
    bytes[length++] = (byte) left;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
