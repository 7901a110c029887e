// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.CommandResult;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabPod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A request by the real curl, as a process in a pod. */
final class Curl {
  private Curl() {}

  /**
   * What came of it.
   *
   * @param exitCode curl's own; 7 means that the connection was refused, 52 and 56 that it was cut
   * @param body the answer
   * @param problem curl's words
   */
  record Answer(int exitCode, String body, String problem) {
    boolean ok() {
      return exitCode == 0;
    }

    /** A text member of the JSON that the apps answer with. */
    String member(String name) {
      String begin = "\"" + name + "\":\"";
      int at = body.indexOf(begin);
      return at < 0
          ? ""
          : body.substring(at + begin.length(), body.indexOf('"', at + begin.length()));
    }

    /** For evidence, when it failed. */
    String failure() {
      return "curl exit %d, %s".formatted(exitCode, problem.replaceFirst("^curl: \\(\\d+\\) ", ""));
    }
  }

  static Answer from(Lab lab, LabPod pod, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("curl", "-sS", "--fail", "--max-time", "5", "--noproxy", "*"));
    command.addAll(Arrays.asList(arguments));
    CommandResult result = lab.run(pod.place(), command);
    return new Answer(result.exitCode(), result.out(), result.err());
  }
}
