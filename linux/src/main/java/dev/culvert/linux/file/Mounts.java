// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.file;

import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is mounted where for this process, as /proc/self/mounts tells it; see proc(5). */
public final class Mounts {
  /** Where bpffs is by convention. */
  public static final Path BPFFS = Path.of("/sys/fs/bpf");

  private static final Path TABLE = Path.of("/proc/self/mounts");
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

  private Mounts() {}

  /** One line of the table. */
  record Mount(Path target, String type) {}

  /**
   * The root of cgroup v2, wherever it is: /sys/fs/cgroup, or beside the v1 controllers.
   *
   * @throws IOException when it is mounted nowhere
   */
  public static Path cgroup2() throws IOException {
    return first("cgroup2")
        .orElseThrow(
            () ->
                new IOException(
                    "cgroup v2 is not mounted: 'mount -t cgroup2 none /sys/fs/cgroup/unified'"));
  }

  /** A mounted bpffs, {@link #BPFFS} before others. */
  public static Optional<Path> bpffs() throws IOException {
    return isBpffs(BPFFS) ? Optional.of(BPFFS) : first("bpf");
  }

  /** Whether the path, or the nearest parent of it that exists, lies in a bpffs. */
  public static boolean isBpffs(Path path) throws IOException {
    Path existing = path.toAbsolutePath().normalize();
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    return typeAt(existing.toRealPath(), read()).equals("bpf");
  }

  /**
   * Mounts a new bpffs that only root may enter; the folder is made if missing.
   *
   * @throws ErrnoException EPERM without CAP_SYS_ADMIN, ENODEV when the kernel has no bpffs
   */
  public static void mountBpffs(Path target) throws IOException {
    Files.createDirectories(target);
    MountCalls.mount("bpf", target, "bpf", "mode=0700");
  }

  /** Unmounts what is mounted last on the folder. */
  public static void unmount(Path target) throws ErrnoException {
    MountCalls.unmount(target);
  }

  private static Optional<Path> first(String type) throws IOException {
    return read().stream().filter(m -> m.type().equals(type)).map(Mount::target).findFirst();
  }

  /** The last mount of the longest target that holds the path is the one that is seen there. */
  private static String typeAt(Path path, List<Mount> mounts) {
    Mount seen = new Mount(Path.of("/"), "");
    for (Mount mount : mounts) {
      boolean deeper = mount.target().getNameCount() >= seen.target().getNameCount();
      if (path.startsWith(mount.target()) && deeper) {
        seen = mount;
      }
    }
    return seen.type();
  }

  private static List<Mount> read() throws IOException {
    return Files.readAllLines(TABLE).stream().map(Mounts::parse).toList();
  }

  static Mount parse(String line) {
    String[] fields = line.split(" ", 4);
    return new Mount(Path.of(unescape(fields[1])), fields[2]);
  }

  private static String unescape(String field) {
    return OCTAL
        .matcher(field)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(
                    String.valueOf((char) Integer.parseInt(match.group(1), 8))));
  }
}
