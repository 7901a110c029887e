// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

/** One thing that a rule wants of a request. */
@FunctionalInterface
interface Check {
  boolean holds(RequestFacts facts);

  /** Whether all do. */
  static boolean all(Check[] checks, RequestFacts facts) {
    for (Check check : checks) {
      if (!check.holds(facts)) {
        return false;
      }
    }
    return true;
  }

  /** Whether one does. */
  static boolean any(Check[] checks, RequestFacts facts) {
    for (Check check : checks) {
      if (check.holds(facts)) {
        return true;
      }
    }
    return false;
  }
}
