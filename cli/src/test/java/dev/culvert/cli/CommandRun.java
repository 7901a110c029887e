// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import dev.culvert.cli.daemon.Daemons;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/**
 * A run of the culvert command in this JVM.
 *
 * @param code what it answered to the shell
 * @param output of both kinds
 */
public record CommandRun(int code, String output) {
  /** Runs it with an empty environment. */
  public static CommandRun of(String... arguments) {
    StringWriter text = new StringWriter();
    PrintWriter writer = new PrintWriter(text, true);
    int code = new Culvert(Daemons.all(), Map.of()).writingTo(writer, writer).run(arguments);
    return new CommandRun(code, text.toString());
  }
}
