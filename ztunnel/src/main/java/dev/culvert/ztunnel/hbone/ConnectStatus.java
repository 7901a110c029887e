// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.telemetry.ResponseFlag;

/** What the status of a CONNECT's answer says; it goes to logs, and is the peer's word. */
final class ConnectStatus {
  private ConnectStatus() {}

  /** Whether the stream is open. */
  static boolean isOpen(CharSequence status) {
    return status != null && "200".contentEquals(status);
  }

  /** Whether the answer is still to come (RFC 9113 8.1). */
  static boolean isInterim(CharSequence status) {
    return status != null && status.length() == 3 && status.charAt(0) == '1';
  }

  /** Whose fault a refusal is. */
  static ResponseFlag flag(CharSequence status) {
    return "401".contentEquals(text(status)) ? ResponseFlag.DENY : ResponseFlag.CONNECT;
  }

  /** A refusal in words. */
  static String describe(CharSequence status) {
    String code = text(status);
    return switch (code) {
      case "401" -> "the destination's policy denies it (401)";
      case "400" -> "the other side did not accept the request (400)";
      case "503" -> "the other side could not reach the app (503)";
      default -> "unexpected answer " + code;
    };
  }

  private static String text(CharSequence status) {
    if (status == null) {
      return "no status";
    }
    boolean digits = status.length() == 3 && status.chars().allMatch(Character::isDigit);
    return digits ? status.toString() : "that is no status";
  }
}
