// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import java.util.Set;

/** Conditions of the types that the Gateway API and its policies have. */
final class Say {
  static final String ACCEPTED = "Accepted";
  static final String RESOLVED_REFS = "ResolvedRefs";
  static final String PARTIALLY_INVALID = "PartiallyInvalid";
  static final String WAYPOINT_BOUND = "WaypointBound";
  static final String CONFLICTED = "Conflicted";
  static final String PROGRAMMED = "Programmed";
  static final String OVERLAPPING_TLS = "OverlappingTLSConfig";
  static final String INSECURE_CLIENTS = "InsecureFrontendValidationMode";

  /** Bad when they hold. */
  private static final Set<String> NEGATIVE =
      Set.of(PARTIALLY_INVALID, CONFLICTED, INSECURE_CLIENTS);

  private Say() {}

  static Condition yes(String type, String reason, String message) {
    return new Condition(type, true, reason, message);
  }

  static Condition no(String type, String reason, String message) {
    return new Condition(type, false, reason, message);
  }

  /** Whether it is bad news: what is partly invalid or in conflict is, when that holds. */
  static boolean isBad(Condition condition) {
    return condition.holds() == NEGATIVE.contains(condition.type());
  }
}
