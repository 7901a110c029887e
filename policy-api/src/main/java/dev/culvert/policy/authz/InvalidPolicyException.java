// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

/** A policy that cannot be compiled; the message names policy, field and remedy. */
public final class InvalidPolicyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidPolicyException(PolicyKey policy, String field, String problem, String remedy) {
    super("policy %s: %s: %s; %s".formatted(policy, field, problem, remedy));
  }
}
