// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import java.io.PrintWriter;

/** Tells what is being done, a line for each change. */
final class Progress {
  private final PrintWriter out;
  private String last = "";

  Progress(PrintWriter out) {
    this.out = out;
  }

  void say(String line) {
    if (!line.equals(last)) {
      out.println(line);
      out.flush();
      last = line;
    }
  }
}
