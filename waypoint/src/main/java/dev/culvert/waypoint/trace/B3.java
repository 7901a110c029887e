// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.waypoint.exchange.Hop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Optional;

/** The fields of Zipkin's B3, several or the single one. */
final class B3 {
  private static final AsciiString SINGLE = AsciiString.cached("b3");
  private static final AsciiString TRACE = AsciiString.cached("x-b3-traceid");
  private static final AsciiString SPAN = AsciiString.cached("x-b3-spanid");
  private static final AsciiString PARENT = AsciiString.cached("x-b3-parentspanid");
  private static final AsciiString SAMPLED = AsciiString.cached("x-b3-sampled");
  private static final AsciiString FLAGS = AsciiString.cached("x-b3-flags");

  private B3() {}

  static boolean isIn(HttpHeaders headers) {
    return headers.contains(SINGLE)
        || headers.contains(TRACE)
        || headers.contains(SAMPLED)
        || headers.contains(FLAGS);
  }

  /** Whether what begins here is to be sampled, by a client that has no trace and says so. */
  static Optional<Boolean> decision(HttpHeaders headers) {
    return decision(headers.get(SINGLE, several(headers)));
  }

  private static String several(HttpHeaders headers) {
    return "1".equals(headers.get(FLAGS)) ? "d" : headers.get(SAMPLED, "");
  }

  static Optional<Parent> read(HttpHeaders headers) {
    String single = headers.get(SINGLE);
    if (single == null) {
      return parent(headers.get(TRACE, ""), headers.get(SPAN, ""), several(headers));
    }
    String[] parts = single.split("-", -1);
    return parts.length < 2
        ? Optional.empty()
        : parent(parts[0], parts[1], parts.length > 2 ? parts[2] : "");
  }

  private static Optional<Parent> parent(String trace, String span, String sampled) {
    String whole = trace.length() == Ids.DIGITS ? "0".repeat(Ids.DIGITS) + trace : trace;
    return whole.length() == 2 * Ids.DIGITS && span.length() == Ids.DIGITS
        ? Parent.of(whole, span, decision(sampled))
        : Optional.empty();
  }

  private static Optional<Boolean> decision(String sampled) {
    return switch (sampled) {
      case "1", "d", "true" -> Optional.of(true);
      case "0", "false" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** Says this hop, by the several fields and by the single one if that was there. */
  static void write(Hop hop, HttpHeaders headers) {
    String sampled = hop.sampled() ? "1" : "0";
    headers.remove(FLAGS);
    String parent = hop.parentText();
    headers.set(TRACE, hop.traceText());
    headers.set(SPAN, hop.spanText());
    headers.set(SAMPLED, sampled);
    if (parent.isEmpty()) {
      headers.remove(PARENT);
    } else {
      headers.set(PARENT, parent);
    }
    if (headers.contains(SINGLE)) {
      String end = parent.isEmpty() ? "" : "-" + parent;
      headers.set(SINGLE, "%s-%s-%s%s".formatted(hop.traceText(), hop.spanText(), sampled, end));
    }
  }
}
