// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import dev.culvert.cli.answer.Causes;

/** The API server is silent, and will be to whatever else would be asked of it. */
final class NoAnswerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Finding finding;

  NoAnswerException(Check check, Exception cause) {
    super(cause);
    this.finding =
        Finding.failure(
            "%s could not be looked at, and nothing else is".formatted(check.name()),
            Causes.of(cause));
  }

  Finding finding() {
    return finding;
  }
}
