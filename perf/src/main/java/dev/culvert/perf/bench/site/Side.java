// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.site;

import dev.culvert.cli.lab.CommandResult;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabPlace;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One end of the link: all that runs here, load or server and proxy, shares one core.
 *
 * @param lab what owns the processes
 * @param place the network namespace and cgroup
 * @param address its IPv4 address
 * @param core the processor, as taskset(1) counts
 */
public record Side(Lab lab, LabPlace place, String address, int core) {
  /** A process that may not raise its hard limit takes all that it has. */
  private static final String FILES =
      "ulimit -n 65536 2>/dev/null || ulimit -n $(ulimit -H -n); exec \"$@\"";

  /** Starts a long-lived process on this side's core. */
  public LabProcess start(String name, List<String> command) throws IOException {
    return lab.start(place, name, onCore(core, command));
  }

  /** Runs a command on this side's core, at most 30 s. */
  public CommandResult run(List<String> command) throws IOException {
    return lab.run(place, onCore(core, command));
  }

  /** As {@link #run}, for a command that must succeed. */
  public String answer(List<String> command) throws IOException {
    CommandResult result = run(command);
    if (!result.ok()) {
      throw new IOException(
          "%s ended with %d: %s"
              .formatted(String.join(" ", command), result.exitCode(), said(result)));
    }
    return result.out();
  }

  /** The command as {@link #run} would start it, for somebody's own shell. */
  public List<String> inside(List<String> command) {
    return place.wrap(onCore(core, command));
  }

  /** The command, bound to a core and with room for many connections. */
  public static List<String> onCore(int core, List<String> command) {
    List<String> bound = new ArrayList<>(List.of("taskset", "-c", Integer.toString(core)));
    bound.addAll(List.of("sh", "-c", FILES, "sh"));
    bound.addAll(command);
    return bound;
  }

  /** How many files, and so connections, a process here may have open. */
  public int openFiles() throws IOException {
    return Integer.parseInt(answer(List.of("sh", "-c", "ulimit -n")));
  }

  private static String said(CommandResult result) {
    String all = (result.err() + "\n" + result.out()).strip();
    return all.substring(Math.max(0, all.length() - 600));
  }
}
