// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

/** Which bytes may stand where (RFC 9110, sections 5.5 and 5.6.2). */
public final class Http1Bytes {
  private static final String MARKS = "!#$%&'*+-.^_`|~";
  private static final boolean[] TOKEN = new boolean[256];
  private static final boolean[] TEXT = new boolean[256];

  static {
    for (int c = 0; c < 256; c++) {
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      TOKEN[c] = letter || MARKS.indexOf(c) >= 0;
      TEXT[c] = c == '\t' || (c >= ' ' && c != 0x7f);
    }
  }

  private Http1Bytes() {}

  /** Whether methods and names of fields may have it. */
  public static boolean isToken(byte one) {
    return TOKEN[one & 0xff];
  }

  /** Whether values of fields and reasons may have it. */
  public static boolean isText(byte one) {
    return TEXT[one & 0xff];
  }

  /** Whether a request target may have it, as far as HTTP/1 goes. */
  public static boolean isVisible(byte one) {
    return TEXT[one & 0xff] && !isBlank(one);
  }

  /** Whether it is white space that means nothing around values. */
  static boolean isBlank(byte one) {
    return one == ' ' || one == '\t';
  }
}
