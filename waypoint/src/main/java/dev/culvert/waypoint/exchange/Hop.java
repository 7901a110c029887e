// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import java.util.HexFormat;

/**
 * This proxy's part of a request's way. Ids are numbers, as most are only written once, in the head
 * of the request.
 *
 * @param high the first half of the trace's id
 * @param low its second half; not both are 0
 * @param span of this hop, not 0
 * @param parent the same of who sent the request; 0 when nobody says
 * @param sampled whether spans of the trace are collected
 */
public record Hop(long high, long low, long span, long parent, boolean sampled) {

  /** 32 hex digits in lower case. */
  public String traceText() {
    return text(high) + text(low);
  }

  /** 16 hex digits of this hop. */
  public String spanText() {
    return text(span);
  }

  /** The same of who sent the request; empty when nobody says. */
  public String parentText() {
    return parent == 0 ? "" : text(parent);
  }

  private static String text(long id) {
    return HexFormat.of().toHexDigits(id);
  }
}
