// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * A control group of cgroup v2, here only as a set of processes; see cgroups(7).
 *
 * @param path its folder below the cgroup2 mount
 */
public record Cgroup(Path path) {
  private static final String PROCESSES = "cgroup.procs";

  /** The root of the hierarchy, that holds every process of the machine. */
  public static Cgroup root() throws IOException {
    return new Cgroup(Mounts.cgroup2());
  }

  /**
   * An existing group.
   *
   * @throws IOException when the folder is not one of a cgroup2 file system
   */
  public static Cgroup at(Path path) throws IOException {
    if (!Files.exists(path.resolve(PROCESSES))) {
      throw new IOException(
          path + ": is not a cgroup; make it with 'mkdir' below " + Mounts.cgroup2());
    }
    return new Cgroup(path);
  }

  /** Makes the group of that name below this one; one that is there already is taken as it is. */
  public Cgroup child(String name) throws IOException {
    return new Cgroup(Files.createDirectories(path.resolve(name)));
  }

  /**
   * Moves a process with all its threads into this group; its later children follow.
   *
   * @throws IOException ESRCH (no such process) as the JDK words it when it is gone
   */
  public void add(long pid) throws IOException {
    Files.writeString(path.resolve(PROCESSES), Long.toString(pid));
  }

  /** The processes in this group, without those in its children. */
  public List<Long> processes() throws IOException {
    return Files.readAllLines(path.resolve(PROCESSES)).stream().map(Long::valueOf).toList();
  }

  /** Sends SIGKILL to every process in this group and below; needs Linux 5.14. */
  public void kill() throws IOException {
    Files.writeString(path.resolve("cgroup.kill"), "1");
  }

  /**
   * Removes the group, which must be empty; does nothing when it is gone already.
   *
   * @throws IOException EBUSY (device or resource busy) while it holds processes or children
   */
  public void remove() throws IOException {
    try {
      Files.delete(path);
    } catch (NoSuchFileException gone) {
      // Removed by somebody else: that is what was wanted.
    }
  }
}
