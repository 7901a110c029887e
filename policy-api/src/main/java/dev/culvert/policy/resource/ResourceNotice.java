// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.text.OneLine;

/** Something in a file that has no effect. */
public record ResourceNotice(String file, int document, int line, String text) {
  /** One line for the operator. */
  @Override
  public String toString() {
    if (document == 0) {
      return OneLine.of("%s: %s".formatted(file, text));
    }
    return OneLine.of("%s: document %d, line %d: %s".formatted(file, document, line, text));
  }
}
