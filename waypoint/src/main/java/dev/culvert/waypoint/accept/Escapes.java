// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

/** Percent-encoding in a path (RFC 3986, sections 2.1 and 6.2.2). */
final class Escapes {
  private Escapes() {}

  /** Decodes what needs no encoding, writes the rest in upper case, refuses what is ambiguous. */
  static String fold(String path) throws RejectedRequestException {
    StringBuilder out = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%') {
        append(out, escaped(path, i));
        i += 2;
      } else {
        out.append(checked(c));
      }
    }
    return out.toString();
  }

  private static int escaped(String path, int at) throws RejectedRequestException {
    int high = at + 2 < path.length() ? Character.digit(path.charAt(at + 1), 16) : -1;
    int low = high >= 0 ? Character.digit(path.charAt(at + 2), 16) : -1;
    if (low < 0) {
      throw new RejectedRequestException("incomplete percent-encoding in the path");
    }
    int octet = high << 4 | low;
    if (octet == '/' || octet == '\\' || octet == 0) {
      throw new RejectedRequestException("encoded slash, backslash or NUL in the path");
    }
    return octet;
  }

  private static void append(StringBuilder out, int octet) {
    if (isUnreserved(octet)) {
      out.append((char) octet);
    } else {
      out.append('%')
          .append(Character.toUpperCase(Character.forDigit(octet >> 4, 16)))
          .append(Character.toUpperCase(Character.forDigit(octet & 15, 16)));
    }
  }

  private static boolean isUnreserved(int c) {
    return (c < 0x80 && Character.isLetterOrDigit(c)) || "-._~".indexOf(c) >= 0;
  }

  private static char checked(char c) throws RejectedRequestException {
    if (c == '\\' || c <= ' ' || c >= 0x7f) {
      throw new RejectedRequestException("character in the path that must be percent-encoded");
    }
    return c;
  }
}
