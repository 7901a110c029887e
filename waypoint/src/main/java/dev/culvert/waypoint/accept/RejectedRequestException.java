// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

/**
 * A request that is refused before anything looks at it: answered with 400 (RFC 9110, section
 * 15.5.1).
 */
public final class RejectedRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  /** A refusal with its reason, which is logged and never sent back. */
  public RejectedRequestException(String problem) {
    super(problem);
  }
}
