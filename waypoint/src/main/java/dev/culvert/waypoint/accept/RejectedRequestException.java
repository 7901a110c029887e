// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

/** A request that is refused before any phase looks at it (RFC 9110, section 15.5). */
public final class RejectedRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  /** A refusal with 400 and its reason, which is logged and never sent back. */
  public RejectedRequestException(String problem) {
    this(400, problem);
  }

  /**
   * A refusal with another status.
   *
   * @param status 400 to 599
   */
  public RejectedRequestException(int status, String problem) {
    super(problem);
    this.status = status;
  }

  /** What the client is answered. */
  public int status() {
    return status;
  }
}
