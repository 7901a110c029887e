// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.text.OneLine;

/**
 * Why a file is not taken.
 *
 * @param document which document of the file, from 1; 0 for an object of an API server
 * @param field where in the document, for example {@code spec.rules[0].to}; empty for all of it
 * @param line the line in the file, from 1; 0 when the whole file is meant
 * @param remedy what to do about it
 */
public record ResourceError(
    String file, int document, String field, int line, String problem, String remedy) {

  /** One line for the operator. */
  @Override
  public String toString() {
    if (document == 0) {
      String where = field.isEmpty() ? file : file + ": " + field;
      return OneLine.of("%s: %s; %s".formatted(where, problem, remedy));
    }
    String where = line > 0 ? ", line " + line : "";
    String what = field.isEmpty() ? "" : field + ": ";
    return OneLine.of(
        "%s: document %d%s: %s%s; %s".formatted(file, document, where, what, problem, remedy));
  }
}
