// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import dev.culvert.cli.lab.Lab;
import java.io.IOException;

/** Labs of tests, which carry the name of this JVM: runs beside each other do not meet. */
public final class TestLab {
  private static boolean swept;

  private TestLab() {}

  /**
   * Makes one; the first removes what runs left that are over.
   *
   * @param kind lower case letters, digits and dashes; of labs at one time, each has its own
   */
  public static synchronized Lab create(String kind) throws IOException {
    if (!swept) {
      DeadRuns.sweep();
      swept = true;
    }
    return Lab.create("t%d-%s".formatted(ProcessHandle.current().pid(), kind));
  }
}
