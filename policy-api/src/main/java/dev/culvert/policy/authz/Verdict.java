// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import java.util.Optional;

/** What policy says about a connection. */
public sealed interface Verdict {

  /**
   * The connection may go on.
   *
   * @param policy the ALLOW policy that matched; empty when no ALLOW policy applies at all
   */
  record Allow(Optional<PolicyKey> policy) implements Verdict {}

  /**
   * The connection must be refused or closed.
   *
   * @param policy the policy that decided; empty when ALLOW policies apply but none matched
   */
  record Deny(Optional<PolicyKey> policy, Reason reason) implements Verdict {}

  /** Why a connection is denied. */
  enum Reason {
    /** A DENY policy matched. */
    DENY_MATCHED("a DENY policy matched"),
    /** ALLOW policies apply to the workload, and none of them matched. */
    NO_ALLOW_MATCHED("no ALLOW policy matched"),
    /** A policy is named on the workload but was not received yet. */
    MISSING("a policy named on the workload was not received yet"),
    /** A policy applies that this proxy could not understand. */
    UNUSABLE("a policy applies that this proxy cannot hold to; its log says why");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /** The reason in words, for logs. */
    @Override
    public String toString() {
      return text;
    }
  }

  /** Whether the connection may go on. */
  default boolean isAllowed() {
    return this instanceof Allow;
  }

  /** The policy that decided, if one did. */
  Optional<PolicyKey> policy();
}
