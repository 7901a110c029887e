// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

/**
 * What was looked at and how it is.
 *
 * @param level how bad it is
 * @param what it is, in one line
 * @param remedy what to do; empty when there is nothing to do
 */
record Finding(Level level, String what, String remedy) {
  /** How bad a finding is. */
  enum Level {
    OK("ok  "),
    NOTE("note"),
    WARNING("WARN"),
    FAILURE("FAIL");

    private final String word;

    Level(String word) {
      this.word = word;
    }
  }

  static Finding ok(String what) {
    return new Finding(Level.OK, what, "");
  }

  /** Something to know that stops nothing. */
  static Finding note(String what) {
    return new Finding(Level.NOTE, what, "");
  }

  /** The same, and how it can be had otherwise. */
  static Finding note(String what, String remedy) {
    return new Finding(Level.NOTE, what, remedy);
  }

  /** Something that will hurt. */
  static Finding warning(String what, String remedy) {
    return new Finding(Level.WARNING, what, remedy);
  }

  /** Something that the mesh cannot do without. */
  static Finding failure(String what, String remedy) {
    return new Finding(Level.FAILURE, what, remedy);
  }

  /** One line, and one for the remedy. */
  String text() {
    String line = level.word + "  " + what;
    return remedy.isEmpty() ? line : line + System.lineSeparator() + "      -> " + remedy;
  }
}
