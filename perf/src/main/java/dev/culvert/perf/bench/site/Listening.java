// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.site;

import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.LabPlace;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Waits for servers without connecting to them: some serve one connection only. */
public final class Listening {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final String LISTEN = "0A";

  private Listening() {}

  /** Until the process has a listener on the port; its log is told when it ends instead. */
  public static void await(LabPlace place, LabProcess process, int port) throws IOException {
    Await.until(
        "%s listens on %d".formatted(process.name(), port),
        PATIENCE,
        () -> holds(place, port) || ended(process));
    if (!process.isAlive()) {
      throw new IOException(
          "%s ended at its start: %s".formatted(process.name(), process.lastLines()));
    }
  }

  private static boolean ended(LabProcess process) {
    return !process.isAlive();
  }

  private static boolean holds(LabPlace place, int port) throws IOException {
    return place.call(() -> listens(tables(), port));
  }

  /** Of the thread's namespace: /proc/net is that of the process. */
  private static List<String> tables() throws IOException {
    List<String> lines =
        new java.util.ArrayList<>(Files.readAllLines(Path.of("/proc/thread-self/net/tcp")));
    lines.addAll(Files.readAllLines(Path.of("/proc/thread-self/net/tcp6")));
    return lines;
  }

  /** Columns of proc_net_tcp: number, local address:port in hexadecimal, remote, state. */
  static boolean listens(List<String> table, int port) {
    String end = ":%04X".formatted(port);
    return table.stream()
        .map(line -> line.strip().split("\\s+", 5))
        .anyMatch(
            column -> column.length > 3 && column[1].endsWith(end) && column[3].equals(LISTEN));
  }
}
