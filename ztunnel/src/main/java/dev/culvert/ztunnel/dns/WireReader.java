// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import java.util.Locale;

/** Reads a message from the front; beyond its end it reads zeros and says that it is malformed. */
final class WireReader {
  private static final int POINTER = 0xc0;
  private static final int MAX_NAME = 255;

  private final byte[] bytes;
  private int at;
  private boolean malformed;

  WireReader(byte[] bytes) {
    this.bytes = bytes;
  }

  int at() {
    return at;
  }

  /** Whether something was read that is not there, or is not what it should be. */
  boolean isMalformed() {
    return malformed;
  }

  int u8() {
    if (at >= bytes.length) {
      malformed = true;
      return 0;
    }
    return bytes[at++] & 0xff;
  }

  int u16() {
    return (u8() << 8) | u8();
  }

  void skip(int count) {
    if (count > bytes.length - at) {
      malformed = true;
      at = bytes.length;
    } else {
      at += count;
    }
  }

  /** Skips a name that may end in a pointer (RFC 1035 4.1.4), which is not followed. */
  void skipName() {
    int start = at;
    for (int length = u8(); length != 0; length = u8()) {
      if (length >= POINTER) {
        int to = ((length & ~POINTER) << 8) | u8();
        malformed |= to >= start;
        return;
      }
      skipLabel(length, start);
    }
  }

  /**
   * Reads a name without pointers.
   *
   * @return in lower case without the last dot; empty for the root and for what no host is called
   */
  String hostName() {
    int start = at;
    StringBuilder name = new StringBuilder();
    boolean plain = true;
    for (int length = u8(); length != 0 && !malformed; length = u8()) {
      int label = at;
      skipLabel(length, start);
      for (int i = label; i < at; i++) {
        plain &= bytes[i] > ' ' && bytes[i] != '.' && bytes[i] != 0x7f;
        name.append((char) (bytes[i] & 0xff));
      }
      name.append('.');
    }
    return plain && !name.isEmpty()
        ? name.substring(0, name.length() - 1).toLowerCase(Locale.ROOT)
        : "";
  }

  /** A label of another kind (RFC 6891 5) has no length that could be skipped. */
  private void skipLabel(int length, int start) {
    malformed |= length >= 0x40 || at + length - start >= MAX_NAME;
    skip(malformed ? bytes.length : length);
  }
}
