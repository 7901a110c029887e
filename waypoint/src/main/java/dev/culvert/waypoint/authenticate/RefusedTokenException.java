// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

/** A token that is not taken; expected, so it has no stack trace. */
final class RefusedTokenException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  private RefusedTokenException(int status, String problem) {
    super(problem, null, false, false);
    this.status = status;
  }

  /** It proves nothing. */
  static RefusedTokenException unproved(String problem) {
    return new RefusedTokenException(401, problem);
  }

  /** It is good, and for somebody else. */
  static RefusedTokenException forOthers(String problem) {
    return new RefusedTokenException(403, problem);
  }

  int status() {
    return status;
  }
}
