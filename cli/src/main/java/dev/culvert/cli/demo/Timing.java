// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import java.time.Duration;

/** How long the demo waits for what should be there at once. */
final class Timing {
  static final Duration SOON = Duration.ofSeconds(20);

  /** Some thousand round trips, on a machine that may be busy with other things. */
  static final Duration MEASURED = Duration.ofSeconds(30);

  /** What the demo claims of a policy edit. */
  static final Duration EDIT = Duration.ofSeconds(1);

  private Timing() {}
}
