// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.yaml;

/** Text that is not YAML, or YAML beyond what is accepted. */
public final class YamlException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int document;
  private final int line;
  private final String problem;
  private final String remedy;

  YamlException(int document, int line, String problem, String remedy) {
    super("document %d, line %d: %s; %s".formatted(document, line, problem, remedy));
    this.document = document;
    this.line = line;
    this.problem = problem;
    this.remedy = remedy;
  }

  /** Which document of the file, from 1. */
  public int document() {
    return document;
  }

  /** The line in the file, from 1; 0 when the whole file is meant. */
  public int line() {
    return line;
  }

  /** What is wrong. */
  public String problem() {
    return problem;
  }

  /** What to do about it. */
  public String remedy() {
    return remedy;
  }
}
