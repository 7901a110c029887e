// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the figures depend on besides the software that is measured. */
final class Machine {
  private Machine() {}

  static Map<String, String> facts() throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Processor", processor());
    facts.put("Memory", memory());
    facts.put("Kernel", line("/proc/sys/kernel/osrelease"));
    facts.put("System", field("/etc/os-release", "PRETTY_NAME", "=").replace("\"", ""));
    facts.put("Open files", openFiles());
    facts.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
    facts.put("Congestion control", "reno in the namespaces; the machine's own is " + machines());
    return facts;
  }

  private static String processor() throws IOException {
    int count = Runtime.getRuntime().availableProcessors();
    String guest =
        Files.readString(Path.of("/proc/cpuinfo")).contains(" hypervisor") ? ", virtual" : "";
    return "%d x %s%s".formatted(count, field("/proc/cpuinfo", "model name", ":"), guest);
  }

  private static String memory() throws IOException {
    long kib = Long.parseLong(field("/proc/meminfo", "MemTotal", ":").replaceAll("\\D", ""));
    return "%.1f GiB".formatted(kib / 1024.0 / 1024);
  }

  /** Columns of /proc/self/limits: name, soft limit, hard limit, unit. */
  private static String openFiles() throws IOException {
    String limits = field("/proc/self/limits", "Max open files", "s");
    return "at most " + limits.split("\\s+", -1)[1];
  }

  private static String machines() throws IOException {
    return line("/proc/sys/net/ipv4/tcp_congestion_control");
  }

  private static String line(String file) throws IOException {
    return Files.readString(Path.of(file)).strip();
  }

  private static String field(String file, String name, String separator) throws IOException {
    try (var lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(separator) + 1).strip())
          .findFirst()
          .orElse("unknown");
    }
  }
}
