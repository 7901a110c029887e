// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Programs from Debian that a benchmark needs. */
public final class Packages {
  private static final List<Need> ALWAYS =
      List.of(
          new Need("iperf3", "iperf3", "measures bulk throughput"),
          new Need("sockperf", "sockperf", "measures round trips"),
          new Need("wrk", "wrk", "measures connections and requests"),
          new Need("nginx", "nginx", "the server that wrk asks"),
          new Need("curl", "curl", "tries each lane before it is measured"),
          new Need("openssl", "openssl", "makes the peers' certificates"),
          new Need("taskset", "util-linux", "binds each side to its core"),
          new Need("ip", "iproute2", "makes the network namespaces"));

  private Packages() {}

  /**
   * A program that must be there.
   *
   * @param file its name on the path, or a whole path
   * @param name the Debian package
   * @param reason for the person who sees it being installed
   */
  public record Need(String file, String name, String reason) {
    boolean missing() {
      return Arrays.stream(System.getenv("PATH").split(":", -1))
          .noneMatch(folder -> Files.exists(Path.of(folder).resolve(file)));
    }
  }

  /** Installs what is missing of the tools and of what the peers need, and says so. */
  public static void install(List<Need> more) throws IOException {
    List<Need> needs = new ArrayList<>(ALWAYS);
    needs.addAll(more);
    List<Need> missing = needs.stream().filter(Need::missing).toList();
    if (missing.isEmpty()) {
      return;
    }
    missing.forEach(
        need ->
            System.err.printf("bench: installing Debian's %s (%s)%n", need.name(), need.reason()));
    List<String> names = missing.stream().map(Need::name).distinct().toList();
    if (!install("", names) && !install("apt-get -qq update && ", names)) {
      throw new IOException(
          "cannot install %s: do it by hand, then start again".formatted(String.join(" ", names)));
    }
  }

  /** A Debian package starts its service when it is installed, unless a policy forbids it. */
  private static boolean install(String before, List<String> names) throws IOException {
    String script =
        before
            + "DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install -y"
            + " --no-install-recommends \"$@\"";
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    command.addAll(names);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return process.waitFor() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while packages were installed", e);
    }
  }
}
