// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Memory and descriptors of every daemon over time, by its name. */
final class Curves {
  private static final int PAGE_KB = 4;

  private final Map<String, List<Sample>> samples = new TreeMap<>();

  /** Looks at all; one that is being started again is left out this time. */
  void look(Map<String, LabProcess> daemons, long millis) {
    daemons.forEach(
        (name, process) -> {
          try {
            Sample sample = sample(process, millis);
            samples.computeIfAbsent(name, n -> new ArrayList<>()).add(sample);
          } catch (IOException gone) {
            // It was killed a moment ago, by the churn.
          }
        });
  }

  private static Sample sample(LabProcess process, long millis) throws IOException {
    Path statm = Path.of("/proc", Long.toString(process.pid()), "statm");
    long pages = Long.parseLong(Files.readString(statm).split(" ", -1)[1]);
    if (pages == 0) {
      throw new NoSuchFileException(statm.toString(), null, "it has ended");
    }
    return new Sample(millis, process.pid(), pages * PAGE_KB, descriptors(process));
  }

  static int descriptors(LabProcess process) throws IOException {
    try (var files = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      return (int) files.count();
    }
  }

  Map<String, List<Sample>> all() {
    return samples;
  }
}
