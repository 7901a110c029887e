// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import dev.culvert.cli.daemon.Daemon;
import dev.culvert.cli.daemon.Daemons;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The daemons of a lab that record themselves. Each writes its archive when it ends. */
final class Recording {
  /** Writing one takes some ten seconds of a core. */
  private static final Duration WRITTEN = Duration.ofMinutes(2);

  private final Lab lab;
  private final Path folder;
  private final Map<String, LabProcess> processes = new LinkedHashMap<>();

  /** Starts a daemon. */
  @FunctionalInterface
  interface Starter {
    /** In that mesh. */
    LabProcess in(LabMesh mesh) throws IOException;
  }

  /**
   * @param folder where DAEMON.aot is written
   */
  Recording(Lab lab, Path folder) {
    this.lab = lab;
    this.folder = folder;
  }

  /** By the environment: what stands before a daemon's command must not be Java's. */
  LabProcess of(String daemon, Starter starter) throws IOException {
    String option = "JAVA_TOOL_OPTIONS=-XX:AOTCacheOutput=" + archive(daemon);
    LabProcess process = starter.in(new LabMesh(lab, List.of("env", option)));
    processes.put(daemon, process);
    return process;
  }

  /**
   * Ends them, all at once: what each does then is mostly another process's work.
   *
   * @throws IOException when a daemon has no archive then
   */
  void end() throws IOException {
    processes.values().forEach(LabProcess::end);
    for (LabProcess process : processes.values()) {
      process.exitCode(WRITTEN);
    }
    for (Daemon daemon : Daemons.all()) {
      if (!Files.exists(archive(daemon.name()))) {
        throw new IOException("%s left no archive".formatted(daemon.name()));
      }
    }
  }

  private Path archive(String daemon) {
    return folder.resolve(daemon + ".aot");
  }
}
