// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import java.io.IOException;

/**
 * What the kernel tells of a link; struct bpf_link_info.
 *
 * @param id unique until the next boot
 * @param kind BPF_LINK_TYPE_*
 * @param programId of the program that runs now
 * @param attachType BPF_* of enum bpf_attach_type: the hook
 * @param target the cgroup's id or the network namespace's inode; 0 when the target is gone
 */
public record LinkInfo(int id, int kind, int programId, int attachType, long target) {
  static final int CGROUP = 3;
  static final int NETNS = 5;
  private static final int SIZE = 64;
  private static final long UINT32 = 0xffffffffL;

  static LinkInfo of(Fd fd) throws IOException {
    ByteView info = LibbpfCalls.info(fd, SIZE);
    int kind = info.s32(0);
    return kind == NETNS
        ? new LinkInfo(info.s32(4), kind, info.s32(8), info.s32(20), info.s32(16) & UINT32)
        : new LinkInfo(info.s32(4), kind, info.s32(8), info.s32(24), info.s64(16));
  }

  /** False once the cgroup or the network namespace was deleted, or the link detached. */
  public boolean isAttached() {
    return target != 0;
  }
}
