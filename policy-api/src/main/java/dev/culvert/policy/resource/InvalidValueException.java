// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** A value that cannot be used. */
public final class InvalidValueException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String remedy;

  InvalidValueException(String problem, String remedy) {
    super(problem + "; " + remedy);
    this.problem = problem;
    this.remedy = remedy;
  }

  String problem() {
    return problem;
  }

  String remedy() {
    return remedy;
  }
}
