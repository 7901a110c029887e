// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.io.IOException;
import java.time.Duration;

/** Lets time pass under load, which is what a soak is made of. */
final class Pause {
  private Pause() {}

  static void of(Duration time) throws IOException {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
