// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/** Something in a file that has no effect. */
public record ResourceNotice(String file, int document, int line, String text) {
  /** One line for the operator. */
  @Override
  public String toString() {
    return "%s: document %d, line %d: %s".formatted(file, document, line, text);
  }
}
