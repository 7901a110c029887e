// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Percent-encoding of baggage values (W3C Baggage 3.3.1.3). */
final class PercentCode {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private PercentCode() {}

  static String encode(String value) {
    if (value.chars().allMatch(PercentCode::isPlain)) {
      return value;
    }
    StringBuilder text = new StringBuilder(value.length() + 16);
    for (byte octet : value.getBytes(StandardCharsets.UTF_8)) {
      if (isPlain(octet)) {
        text.append((char) octet);
      } else {
        text.append('%').append(HEX.toHexDigits(octet));
      }
    }
    return text.toString();
  }

  /** What is not a valid encoding stays as it is written; control characters become {@code ?}. */
  static String decode(String value) {
    ByteBuffer octets = ByteBuffer.allocate(3 * value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '%' && isHex(value, i + 1) && isHex(value, i + 2)) {
        octets.put((byte) HexFormat.fromHexDigits(value, i + 1, i + 3));
        i += 2;
      } else {
        octets.put(c < 0x80 ? (byte) c : (byte) '?');
      }
    }
    return text(octets.flip(), value);
  }

  private static String text(ByteBuffer octets, String raw) {
    String decoded;
    try {
      decoded = StandardCharsets.UTF_8.newDecoder().decode(octets).toString();
    } catch (CharacterCodingException e) {
      decoded = raw;
    }
    return decoded.replaceAll("\\p{Cntrl}", "?");
  }

  private static boolean isHex(String value, int at) {
    return at < value.length() && HexFormat.isHexDigit(value.charAt(at));
  }

  private static boolean isPlain(int octet) {
    return octet > ' '
        && octet < 0x7f
        && octet != '"'
        && octet != ','
        && octet != ';'
        && octet != '\\'
        && octet != '%';
  }
}
