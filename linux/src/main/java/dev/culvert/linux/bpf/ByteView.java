// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A part of an object file; reading beyond it is a {@link MalformedObjectException}. */
final class ByteView {
  private final ByteBuffer bytes;
  private final String what;

  private ByteView(ByteBuffer bytes, String what) {
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    this.what = what;
  }

  static ByteView of(byte[] bytes, String what) {
    return new ByteView(ByteBuffer.wrap(bytes).asReadOnlyBuffer(), what);
  }

  int size() {
    return bytes.limit();
  }

  /** A part of it; {@code partName} stands in the message when something in it is out of range. */
  ByteView part(long offset, long length, String partName) throws MalformedObjectException {
    if (offset < 0 || length < 0 || offset > size() - length) {
      throw new MalformedObjectException(
          "%s (%d bytes at %d) is outside of %s (%d bytes)"
              .formatted(partName, length, offset, what, size()));
    }
    return new ByteView(bytes.slice((int) offset, (int) length), partName);
  }

  int u8(long offset) throws MalformedObjectException {
    return bytes.get(check(offset, 1)) & 0xff;
  }

  int u16(long offset) throws MalformedObjectException {
    return bytes.getShort(check(offset, 2)) & 0xffff;
  }

  /** Unsigned values that matter here fit an int; one that does not is refused. */
  int u31(long offset) throws MalformedObjectException {
    int value = s32(offset);
    if (value < 0) {
      throw new MalformedObjectException("%s: value at %d is too large".formatted(what, offset));
    }
    return value;
  }

  int s32(long offset) throws MalformedObjectException {
    return bytes.getInt(check(offset, 4));
  }

  long s64(long offset) throws MalformedObjectException {
    return bytes.getLong(check(offset, 8));
  }

  /** A string that ends with a zero byte. */
  String text(long offset) throws MalformedObjectException {
    int start = check(offset, 1);
    int end = start;
    while (u8(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - start];
    bytes.get(start, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private int check(long offset, int length) throws MalformedObjectException {
    if (offset < 0 || offset > size() - length) {
      throw new MalformedObjectException(
          "%s ends after %d bytes, but byte %d is needed".formatted(what, size(), offset + length));
    }
    return (int) offset;
  }
}
