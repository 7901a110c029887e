// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import java.util.ArrayList;
import java.util.List;

/** A failure and what caused it, in one line for an operator. */
public final class Causes {
  private Causes() {}

  /** The distinct messages from outside to inside; a cause without one gives its type. */
  public static String of(Throwable failure) {
    List<String> messages = new ArrayList<>();
    for (Throwable t = failure; t != null && messages.size() < 5; t = t.getCause()) {
      String message = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
      if (messages.stream().noneMatch(m -> m.contains(message))) {
        messages.add(message);
      }
    }
    return String.join(": ", messages);
  }
}
