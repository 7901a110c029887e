// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import java.io.IOException;
import java.util.List;

/** Looks at one thing. */
interface Check {
  /** What it is called when it could not look. */
  String name();

  /**
   * Looks.
   *
   * @throws IOException when it could not
   */
  List<Finding> findings() throws IOException;
}
