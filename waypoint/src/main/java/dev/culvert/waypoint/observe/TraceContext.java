// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Phase;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The phase that makes a request's way visible: an id for the logs, and the W3C trace context, of
 * which this hop is a span. What a client sends that is none is replaced (Trace Context, section
 * 3.2).
 */
public final class TraceContext implements Phase {
  private static final String PARENT = "traceparent";
  private static final String STATE = "tracestate";
  private static final String REQUEST_ID = "x-request-id";
  private static final int LENGTH = 55;
  private static final int SPAN = 36;
  private static final int FLAGS = 53;

  @Override
  public Step run(Exchange exchange) {
    HttpHeaders headers = exchange.head().headers();
    if (!headers.contains(REQUEST_ID)) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      headers.set(REQUEST_ID, new UUID(random.nextLong(), random.nextLong()).toString());
    }
    String parent = headers.get(PARENT);
    if (parent != null && isValid(parent)) {
      headers.set(PARENT, parent.substring(0, SPAN) + span() + parent.substring(FLAGS - 1, LENGTH));
    } else {
      headers.remove(STATE);
      headers.set(PARENT, "00-" + span() + span() + "-" + span() + "-00");
    }
    return Step.NEXT;
  }

  /** {@code 00-32 hex-16 hex-2 hex}, and neither id all zero. */
  private static boolean isValid(String parent) {
    if (parent.length() != LENGTH || !parent.startsWith("00-")) {
      return false;
    }
    boolean trace = false;
    boolean span = false;
    for (int i = 3; i < LENGTH; i++) {
      char c = parent.charAt(i);
      boolean dash = i == SPAN - 1 || i == FLAGS - 1;
      if (dash ? c != '-' : !isHex(c)) {
        return false;
      }
      trace |= i < SPAN - 1 && c != '0';
      span |= i >= SPAN && i < FLAGS - 1 && c != '0';
    }
    return trace && span;
  }

  private static boolean isHex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }

  /** Sixteen digits that are not all zero. */
  private static String span() {
    long id = ThreadLocalRandom.current().nextLong() | 1;
    String digits = Long.toHexString(id);
    return "0".repeat(16 - digits.length()) + digits;
  }
}
