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

  static void encode(String value, StringBuilder to) {
    if (isPlain(value)) {
      to.append(value);
      return;
    }
    for (byte octet : value.getBytes(StandardCharsets.UTF_8)) {
      if (isPlain(octet)) {
        to.append((char) octet);
      } else {
        to.append('%').append(HEX.toHexDigits(octet));
      }
    }
  }

  /**
   * Reads a part of a text. What is not a valid encoding stays as it is written; control characters
   * become {@code ?}.
   */
  static String decode(String text, int start, int end) {
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (c == '%' || c < ' ' || c >= 0x7f) {
        return decodeEach(text.substring(start, end));
      }
    }
    return text.substring(start, end);
  }

  private static String decodeEach(String value) {
    ByteBuffer octets = ByteBuffer.allocate(value.length());
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
    try {
      return withoutControls(StandardCharsets.UTF_8.newDecoder().decode(octets).toString());
    } catch (CharacterCodingException e) {
      return withoutControls(raw);
    }
  }

  /** Also those from U+0080 to U+009F, of which terminals understand some. */
  private static String withoutControls(String text) {
    StringBuilder clean = new StringBuilder(text);
    for (int i = 0; i < clean.length(); i++) {
      if (Character.isISOControl(clean.charAt(i))) {
        clean.setCharAt(i, '?');
      }
    }
    return clean.toString();
  }

  private static boolean isHex(String value, int at) {
    return at < value.length() && HexFormat.isHexDigit(value.charAt(at));
  }

  private static boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (!isPlain(value.charAt(i))) {
        return false;
      }
    }
    return true;
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
