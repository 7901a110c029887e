// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is in use of the daemons' heaps when all garbage is collected. A leak shows here long before
 * it shows in RSS, which the size of the heap bounds.
 */
final class Heaps {
  /** Connections and buffers of one moment are not those of another. */
  private static final long ROOM_KB = 8 * 1024;

  private static final double SHARE = 0.25;

  /** What a process held. */
  record Held(long pid, long kb) {}

  private final Map<String, Held> begin = new TreeMap<>();
  private final Map<String, Held> end = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();

  /** Under load, when nothing will be killed any more. */
  void begin(Map<String, LabProcess> daemons) {
    look(daemons, begin);
  }

  /** Under the same load, at its end. */
  void end(Map<String, LabProcess> daemons) {
    look(daemons, end);
  }

  /** One that cannot be looked at fails the soak, and keeps it from no other finding. */
  private void look(Map<String, LabProcess> daemons, Map<String, Held> into) {
    daemons.forEach(
        (name, daemon) -> {
          try {
            into.put(name, new Held(daemon.pid(), inUseKb(histogram(daemon.pid()))));
          } catch (IOException e) {
            failures.add("%s: %s".formatted(name, e.getMessage()));
          }
        });
  }

  private static String histogram(long pid) throws IOException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process process =
        new ProcessBuilder(jcmd, Long.toString(pid), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** The third word of the line {@code Total INSTANCES BYTES}. */
  static long inUseKb(String histogram) throws IOException {
    return histogram
        .lines()
        .filter(line -> line.startsWith("Total"))
        .map(line -> Long.parseLong(line.split("\\s+", -1)[2]) >> 10)
        .findFirst()
        .orElseThrow(() -> new IOException("no heap histogram but " + firstLine(histogram)));
  }

  private static String firstLine(String text) {
    return text.lines().skip(1).findFirst().orElse("nothing");
  }

  Map<String, Held> atTheBegin() {
    return begin;
  }

  Map<String, Held> atTheEnd() {
    return end;
  }

  /** Whose grew, or was not looked at twice. */
  List<String> grown() {
    List<String> grown = new ArrayList<>(failures);
    if (begin.isEmpty()) {
      grown.add("no heap was looked at");
    }
    begin.forEach((name, before) -> judge(name, before, end.get(name), grown));
    return grown;
  }

  private static void judge(String name, Held before, Held after, List<String> grown) {
    if (after == null || after.pid() != before.pid()) {
      grown.add(name + ": its heap was looked at only once");
    } else if (after.kb() > before.kb() * (1 + SHARE) + ROOM_KB) {
      grown.add(
          "%s: heap in use grew from %d to %d KB under the same load"
              .formatted(name, before.kb(), after.kb()));
    }
  }
}
