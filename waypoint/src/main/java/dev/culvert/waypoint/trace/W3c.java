// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.waypoint.exchange.Hop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The fields of W3C's Trace Context. What is none is replaced (section 3.2); of a version to come
 * the part is read that this one has (section 3.2.4).
 */
final class W3c {
  private static final AsciiString PARENT = AsciiString.cached("traceparent");
  private static final AsciiString STATE = AsciiString.cached("tracestate");
  private static final int LENGTH = 55;
  private static final int TRACE = 3;
  private static final int SPAN = 36;
  private static final int FLAGS = 53;

  private W3c() {}

  static boolean isIn(HttpHeaders headers) {
    return headers.contains(PARENT);
  }

  /** One field: {@code 00-32 hex-16 hex-2 hex}, and neither id all zero. */
  static Optional<Parent> read(HttpHeaders headers) {
    List<String> told = headers.getAll(PARENT);
    return told.size() == 1 && isReadable(told.getFirst())
        ? parent(told.getFirst())
        : Optional.empty();
  }

  /** More may follow in versions to come, behind a dash; {@code ff} is none. */
  private static boolean isReadable(String parent) {
    if (parent.length() < LENGTH || parent.charAt(2) != '-' || !Ids.isHex(parent.substring(0, 2))) {
      return false;
    }
    return parent.length() == LENGTH
        ? !parent.startsWith("ff")
        : !parent.startsWith("00") && !parent.startsWith("ff") && parent.charAt(LENGTH) == '-';
  }

  private static Optional<Parent> parent(String parent) {
    String trace = parent.substring(TRACE, SPAN - 1);
    String span = parent.substring(SPAN, FLAGS - 1);
    String flags = parent.substring(FLAGS, LENGTH);
    boolean dashes = parent.charAt(SPAN - 1) == '-' && parent.charAt(FLAGS - 1) == '-';
    return dashes && Ids.isHex(flags)
        ? Parent.of(trace, span, Optional.of((Character.digit(flags.charAt(1), 16) & 1) == 1))
        : Optional.empty();
  }

  /**
   * Says this hop.
   *
   * @param continued whether the trace is that which the fields told; else what its systems said of
   *     it means nothing any more
   */
  static void write(Hop hop, boolean continued, HttpHeaders headers) {
    if (!continued) {
      headers.remove(STATE);
    }
    headers.set(PARENT, text(hop));
  }

  private static String text(Hop hop) {
    byte[] text = new byte[LENGTH];
    Arrays.fill(text, (byte) '0');
    text[TRACE - 1] = '-';
    Ids.write(hop.high(), text, TRACE);
    Ids.write(hop.low(), text, TRACE + Ids.DIGITS);
    text[SPAN - 1] = '-';
    Ids.write(hop.span(), text, SPAN);
    text[FLAGS - 1] = '-';
    text[LENGTH - 1] = (byte) (hop.sampled() ? '1' : '0');
    return new String(text, StandardCharsets.ISO_8859_1);
  }
}
