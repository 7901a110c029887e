// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.answer;

/** What the culvert command answers to the shell. */
public final class ExitCode {
  /** Done, and every proof passed. */
  public static final int OK = 0;

  /** It was asked rightly but did not succeed. */
  public static final int FAILURE = 1;

  /** Unknown command or setting, or a value that cannot be used. */
  public static final int USAGE = 2;

  private ExitCode() {}
}
