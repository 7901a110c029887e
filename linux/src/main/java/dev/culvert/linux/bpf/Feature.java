// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.KernelRelease;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.file.Mounts;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.linux.socket.TcpDiagnosis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Something of the kernel that the redirect needs, with the first release that has it. */
@SuppressWarnings("ImmutableEnumChecker") // the probes hold no state
public enum Feature {
  CGROUP2("cgroup v2 is mounted", "4.5", Feature::isCgroup2Mounted),
  CONNECT("programs at connect", "4.17", TinyProgram.CONNECT::isKnown),
  SENDMSG("programs at sendmsg", "4.18", TinyProgram.SENDMSG::isKnown),
  RECVMSG("programs at recvmsg", "5.2", TinyProgram.RECVMSG::isKnown),
  GETPEERNAME("programs at getpeername", "5.8", TinyProgram.GETPEERNAME::isKnown),
  GETSOCKNAME("programs at getsockname", "5.8", TinyProgram.GETSOCKNAME::isKnown),
  GETSOCKOPT("programs at getsockopt", "5.3", TinyProgram.GETSOCKOPT::isKnown),
  SETSOCKOPT("programs at setsockopt", "5.3", TinyProgram.SETSOCKOPT::isKnown),
  SOCKOPS("programs at TCP events", "4.13", TinyProgram.SOCKOPS::isKnown),
  SK_LOOKUP("programs at socket lookup", "5.9", TinyProgram.SK_LOOKUP::isKnown),
  SK_ASSIGN(
      "socket lookup may choose the socket",
      "5.9",
      () -> TinyProgram.SK_LOOKUP.mayCall(Helpers.SK_ASSIGN)),
  SOCKHASH_AT_TCP_EVENTS(
      "TCP events may store sockets",
      "4.18",
      () -> TinyProgram.SOCKOPS.mayCall(Helpers.SOCK_HASH_UPDATE)),
  SK_STORAGE_AT_CONNECT(
      "socket storage at connect", "5.3", () -> TinyProgram.CONNECT.mayCall(Helpers.SK_STORAGE)),
  SK_STORAGE_AT_TCP_EVENTS(
      "socket storage at TCP events", "5.3", () -> TinyProgram.SOCKOPS.mayCall(Helpers.SK_STORAGE)),
  SK_STORAGE_AT_SOCKET_OPTIONS(
      "socket storage at socket options",
      "5.3",
      () -> TinyProgram.GETSOCKOPT.mayCall(Helpers.SK_STORAGE)),
  NETNS_COOKIE_AT_CONNECT(
      "namespace cookie at connect",
      "5.7",
      () -> TinyProgram.CONNECT.mayCall(Helpers.NETNS_COOKIE)),
  NETNS_COOKIE_AT_TCP_EVENTS(
      "namespace cookie at TCP events",
      "5.15",
      () -> TinyProgram.SOCKOPS.mayCall(Helpers.NETNS_COOKIE)),
  NETNS_COOKIE_AT_SOCKET_OPTIONS(
      "namespace cookie at socket options",
      "5.15",
      () -> TinyProgram.GETSOCKOPT.mayCall(Helpers.NETNS_COOKIE)),
  TASK_AT_SOCKET_OPTIONS(
      "the calling task at socket options",
      "5.15",
      () -> TinyProgram.SETSOCKOPT.mayCall(Helpers.CURRENT_TASK_BTF)),
  NETNS_COOKIE("the socket option SO_NETNS_COOKIE", "5.14", Feature::hasNetnsCookie),
  CGROUP_LINK("links to cgroups", "5.7", () -> isLinkKnown(TinyProgram.CONNECT)),
  NETNS_LINK("links to network namespaces", "5.9", () -> isLinkKnown(TinyProgram.SK_LOOKUP)),
  BTF("type information of the kernel (CONFIG_DEBUG_INFO_BTF)", "5.4", Feature::hasBtf),
  SOCK_DESTROY(
      "resetting connections by sock_diag (CONFIG_INET_DIAG_DESTROY), for same-node=kernel",
      "4.5",
      TcpDiagnosis::canDestroy);

  /** Numbers of enum bpf_func_id. */
  private static final class Helpers {
    static final int SOCK_HASH_UPDATE = 70;
    static final int SK_STORAGE = 107;
    static final int NETNS_COOKIE = 122;
    static final int SK_ASSIGN = 124;
    static final int CURRENT_TASK_BTF = 158;
  }

  @FunctionalInterface
  private interface Probe {
    boolean isAvailable() throws IOException;
  }

  private final String description;
  private final String since;
  private final Probe probe;

  Feature(String description, String since, Probe probe) {
    this.description = description;
    this.since = since;
    this.probe = probe;
  }

  /** In words, for the operator. */
  public String description() {
    return description;
  }

  /** The first release of Linux that has it. */
  public KernelRelease since() {
    return KernelRelease.parse(since);
  }

  /** Whether the mesh cannot do without it; what else is missing only turns something off. */
  public boolean isRequired() {
    return this != SOCK_DESTROY;
  }

  /**
   * Asks the running kernel.
   *
   * @throws IOException when the question was not allowed (root is needed) or could not be asked
   */
  public boolean isAvailable() throws IOException {
    return probe.isAvailable();
  }

  private static boolean isCgroup2Mounted() {
    try {
      return Files.isDirectory(Mounts.cgroup2());
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean hasNetnsCookie() throws IOException {
    try (NetworkNamespace here = NetworkNamespace.current()) {
      return here.cookie() != 0;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOPROTOOPT) {
        return false;
      }
      throw e;
    }
  }

  private static boolean hasBtf() {
    return Files.isReadable(Path.of("/sys/kernel/btf/vmlinux"));
  }

  /** A link to a descriptor that is none fails for that, if links are known. */
  private static boolean isLinkKnown(TinyProgram hook) throws IOException {
    BpfProgram program;
    try {
      program = hook.load();
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EINVAL) {
        return false;
      }
      throw e;
    }
    try {
      LibbpfCalls.createLink(program, -1, 0, "nothing").close();
      return true;
    } catch (ErrnoException e) {
      return e.errno() == Errno.EBADF;
    } finally {
      program.close();
    }
  }
}
