// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import java.util.List;

/** Every process that the culvert command can run. */
final class Daemons {
  private Daemons() {}

  static List<Daemon> all() {
    return List.of();
  }
}
