// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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
  private static final VarHandle BIG_ENDIAN =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LITTLE_ENDIAN =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Of a KeyValue, after its key (opentelemetry/proto/common/v1/common.proto). */
  private static final int VALUE = 2;

  /** Of an AnyValue. */
  private static final int TEXT_VALUE = 1;

  private static final int NUMBER_VALUE = 3;

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

  /** A copy of it. */
  byte[] bytes() {
    return Arrays.copyOf(bytes, length);
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
    LITTLE_ENDIAN.set(bytes, length, value);
    length += Long.BYTES;
  }

  void fixed32(int field, int value) {
    room(LONGEST_VARINT + Integer.BYTES);
    tag(field, FIXED32);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  /** An id of 16 bytes. */
  void id(int field, long high, long low) {
    room(2 * LONGEST_VARINT + 2 * Long.BYTES);
    tag(field, DELIMITED);
    varint(2 * Long.BYTES);
    bigEndian(high);
    bigEndian(low);
  }

  /** An id of 8 bytes. */
  void id(int field, long id) {
    room(2 * LONGEST_VARINT + Long.BYTES);
    tag(field, DELIMITED);
    varint(Long.BYTES);
    bigEndian(id);
  }

  private void bigEndian(long value) {
    BIG_ENDIAN.set(bytes, length, value);
    length += Long.BYTES;
  }

  /**
   * A KeyValue of a text, whose lengths are known before it is written.
   *
   * @param key its key, as a field that is written already
   */
  void attribute(int field, byte[] key, String value) {
    if (isAscii(value)) {
      attribute(field, key, TEXT_VALUE, value.length());
      ascii(value);
    } else {
      byte[] text = value.getBytes(StandardCharsets.UTF_8);
      attribute(field, key, TEXT_VALUE, text.length);
      append(text, text.length);
    }
  }

  /** The same up to the text, which has room then. */
  private void attribute(int field, byte[] key, int kind, int size) {
    int any = 1 + varintBytes(size) + size;
    room(5 * LONGEST_VARINT + key.length + size);
    tag(field, DELIMITED);
    varint(key.length + 1L + varintBytes(any) + any);
    append(key, key.length);
    tag(VALUE, DELIMITED);
    varint(any);
    tag(kind, DELIMITED);
    varint(size);
  }

  /** A KeyValue of a number. */
  void attribute(int field, byte[] key, long value) {
    int any = 1 + varintBytes(value);
    room(5 * LONGEST_VARINT + key.length);
    tag(field, DELIMITED);
    varint(key.length + 2L + any);
    append(key, key.length);
    tag(VALUE, DELIMITED);
    varint(any);
    tag(NUMBER_VALUE, VARINT);
    varint(value);
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
    append(value, size);
  }

  private void append(byte[] value, int size) {
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

  /** Takes over fields that are written already. */
  void add(byte[] fields) {
    room(fields.length);
    append(fields, fields.length);
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

  private static int varintBytes(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
