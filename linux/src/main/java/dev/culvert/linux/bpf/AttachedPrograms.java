// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that is attached to one hook of one thing, whoever did it; BPF_PROG_QUERY of bpf(2).
 *
 * @param isShared whether others may attach more: BPF_F_ALLOW_MULTI, or nothing is attached
 * @param programs in the order in which they run
 */
public record AttachedPrograms(boolean isShared, List<AttachedProgram> programs) {
  private static final int ALLOW_MULTI = 1 << 1;
  private static final int EFFECTIVE = 1;

  /** The kernel attaches no more to a cgroup; a network namespace has as many at most. */
  private static final int MOST = 64;

  private static final int INFO_SIZE = 80;
  private static final int NAME_AT = 64;

  public AttachedPrograms {
    programs = List.copyOf(programs);
  }

  /** What is attached to this cgroup itself. */
  public static AttachedPrograms to(Path cgroup, Hook hook) throws IOException {
    try (Fd directory = Directory.open(cgroup)) {
      return query(directory.value(), hook, 0, cgroup);
    }
  }

  /** What runs for sockets of this cgroup: what is attached to those above it too. */
  public static List<AttachedProgram> runningIn(Path cgroup, Hook hook) throws IOException {
    try (Fd directory = Directory.open(cgroup)) {
      return query(directory.value(), hook, EFFECTIVE, cgroup).programs();
    }
  }

  /** What looks up sockets in this network namespace. */
  public static List<AttachedProgram> in(NetworkNamespace namespace) throws IOException {
    return query(namespace.fd().value(), Hook.SK_LOOKUP, 0, namespace).programs();
  }

  /**
   * What acts on the packets of an interface of the calling thread's namespace, as links of tcx;
   * empty before Linux 6.6, which has none.
   */
  public static List<AttachedProgram> onInterface(int index, Hook hook) throws IOException {
    try {
      return query(index, hook, 0, "interface " + index).programs();
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EINVAL) {
        return List.of();
      }
      throw e;
    }
  }

  private static AttachedPrograms query(int target, Hook hook, int flags, Object shown)
      throws IOException {
    LibbpfCalls.Queried found = LibbpfCalls.query(target, hook.attachType(), flags, MOST, shown);
    List<AttachedProgram> programs = new ArrayList<>();
    for (int id : found.programs()) {
      programs.add(program(id));
    }
    boolean shared = programs.isEmpty() || (found.attachFlags() & ALLOW_MULTI) != 0;
    return new AttachedPrograms(shared, programs);
  }

  private static AttachedProgram program(int id) throws IOException {
    try (Fd fd = LibbpfCalls.programById(id)) {
      return new AttachedProgram(id, LibbpfCalls.info(fd, INFO_SIZE).text(NAME_AT));
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        return new AttachedProgram(id, ""); // detached meanwhile
      }
      throw e;
    }
  }
}
