// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.answer;

/** The command was used wrongly: exit code 2. The message says what is wrong and the remedy. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A wrong use, told in one line. */
  public UsageException(String message) {
    super(message);
  }
}
