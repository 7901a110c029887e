// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the proxies of a lane use.
 *
 * @param pids the processes, one for each end; their children count with them
 */
public record Proxies(List<Long> pids) {
  /** sysconf(_SC_CLK_TCK) is 100 on every architecture that Linux has today. */
  private static final long TICK_MILLIS = 10;

  /** HotSpot's compiler threads, as the kernel shortens their names. */
  private static final Pattern COMPILER = Pattern.compile("C[12] Compiler");

  /** A process' processor time, of all ends together. */
  public Duration cpu() throws IOException {
    long ticks = 0;
    for (long pid : pids) {
      for (long member : family(pid)) {
        ticks += ticks(read(member, "stat"));
      }
    }
    return Duration.ofMillis(ticks * TICK_MILLIS);
  }

  /** The part of {@link #cpu} that went into compiling; none for programs that are no JVM. */
  public Duration compiling() throws IOException {
    long ticks = 0;
    for (long pid : pids) {
      for (String thread : compilers(pid)) {
        ticks += ticks(read(pid, "task/" + thread + "/stat"));
      }
    }
    return Duration.ofMillis(ticks * TICK_MILLIS);
  }

  /** Whether one of them compiles while it runs. */
  public boolean isJvm() throws IOException {
    for (long pid : pids) {
      if (!compilers(pid).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static List<String> compilers(long pid) throws IOException {
    List<String> compilers = new ArrayList<>();
    for (String thread : threads(pid)) {
      if (COMPILER.matcher(read(pid, "task/" + thread + "/comm")).lookingAt()) {
        compilers.add(thread);
      }
    }
    return compilers;
  }

  private static List<String> threads(long pid) {
    String[] names = Path.of("/proc", Long.toString(pid), "task").toFile().list();
    return names == null ? List.of() : List.of(names);
  }

  /** Resident bytes of the end that has most. */
  public long largestResident() throws IOException {
    long largest = 0;
    for (long pid : pids) {
      long sum = 0;
      for (long member : family(pid)) {
        sum += resident(read(member, "status"));
      }
      largest = Math.max(largest, sum);
    }
    return largest;
  }

  private static List<Long> family(long pid) {
    return ProcessHandle.of(pid).stream()
        .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
        .map(ProcessHandle::pid)
        .toList();
  }

  /** Empty for a process that has just ended. */
  private static String read(long pid, String file) throws IOException {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** utime and stime, fields 14 and 15; the name in brackets may hold anything. */
  static long ticks(String stat) {
    int end = stat.lastIndexOf(')');
    if (end < 0) {
      return 0;
    }
    String[] fields = stat.substring(end + 2).split(" ", 15);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  static long resident(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .sum();
  }
}
