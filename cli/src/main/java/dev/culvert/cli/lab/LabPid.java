// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process, told from a later one that got the same number by its start time.
 *
 * @param pid the process id
 * @param start clock ticks since boot, field 22 of /proc/PID/stat; see proc_pid_stat(5)
 */
record LabPid(long pid, long start) {

  static LabPid current() throws IOException {
    return of(ProcessHandle.current().pid());
  }

  static LabPid of(long pid) throws IOException {
    return new LabPid(pid, start(stat(pid)));
  }

  /** What {@link #toString} wrote. */
  static Optional<LabPid> parse(String text) {
    String[] parts = text.split(" ", -1);
    try {
      return Optional.of(new LabPid(Long.parseLong(parts[0]), Long.parseLong(parts[1])));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  boolean isAlive() {
    try {
      String[] stat = stat(pid);
      return start(stat) == start && !stat[0].equals("Z");
    } catch (IOException e) {
      return false;
    }
  }

  /** SIGTERM, when it is still that process. */
  void terminate() {
    if (isAlive()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
    }
  }

  /** SIGKILL, when it is still that process. */
  void kill() {
    if (isAlive()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /** From the third field on. The command's name before may hold spaces and brackets. */
  private static String[] stat(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
  }

  private static long start(String[] stat) {
    return Long.parseLong(stat[19]);
  }

  @Override
  public String toString() {
    return pid + " " + start;
  }
}
