// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.status;

import dev.culvert.policy.text.Shortened;

/**
 * A condition, in the form that all of Kubernetes has.
 *
 * @param type what it is about; each stands once in a list
 * @param reason one word for machines
 * @param message why, and the remedy
 */
public record Condition(String type, boolean holds, String reason, String message) {
  /** What an API server takes (metav1.Condition). */
  private static final int LONGEST_MESSAGE = 32_768;

  public Condition {
    message = Shortened.toChars(message, LONGEST_MESSAGE);
  }

  /** As {@code status} has it: True or False. */
  public String status() {
    return holds ? "True" : "False";
  }
}
