// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.app.AppConnection;
import java.io.IOException;

/** How a connection ends that nobody writes to any more. */
final class Endings {
  static final String RESET = "reset";
  static final String FINISHED = "finished";

  private Endings() {}

  static String of(AppConnection connection) {
    try {
      connection.receiveAll();
      return FINISHED;
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      return message.contains("reset") ? RESET : message;
    }
  }
}
