// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Where programs act on sockets and packets, by the numbers of enum bpf_attach_type. */
public enum Hook {
  CONNECT4(10, Target.CGROUP),
  CONNECT6(11, Target.CGROUP),
  SENDMSG4(14, Target.CGROUP),
  SENDMSG6(15, Target.CGROUP),
  RECVMSG4(19, Target.CGROUP),
  RECVMSG6(20, Target.CGROUP),
  GETPEERNAME4(29, Target.CGROUP),
  GETPEERNAME6(30, Target.CGROUP),
  GETSOCKNAME4(31, Target.CGROUP),
  GETSOCKNAME6(32, Target.CGROUP),
  GETSOCKOPT(21, Target.CGROUP),
  SETSOCKOPT(22, Target.CGROUP),
  SOCK_OPS(3, Target.CGROUP),
  SK_LOOKUP(36, Target.NAMESPACE),
  TCX_INGRESS(46, Target.INTERFACE),
  TCX_EGRESS(47, Target.INTERFACE);

  /** What a program is attached to. */
  enum Target {
    CGROUP,
    NAMESPACE,
    INTERFACE
  }

  private final int attachType;
  private final Target target;

  Hook(int attachType, Target target) {
    this.attachType = attachType;
    this.target = target;
  }

  int attachType() {
    return attachType;
  }

  /** Those of cgroups that the mesh has programs at. */
  public static List<Hook> ofCgroups() {
    return Arrays.stream(values()).filter(hook -> hook.target == Target.CGROUP).toList();
  }

  /** As bpftool writes it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
