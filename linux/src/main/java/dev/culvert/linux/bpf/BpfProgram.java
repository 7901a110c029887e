// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import java.io.IOException;

/** A verified program; owned by its {@link BpfObject}. */
public final class BpfProgram {
  private static final int INFO_SIZE = 16;

  private final ProgramSpec spec;
  private final int attachType;
  private final Fd fd;

  BpfProgram(ProgramSpec spec, int attachType, Fd fd) {
    this.spec = spec;
    this.attachType = attachType;
    this.fd = fd;
  }

  public String name() {
    return spec.name();
  }

  /** As {@code cgroup/connect4}: what it can be attached to. */
  public String section() {
    return spec.section();
  }

  /** The kernel's number for it, unique until the next boot. */
  public int id() throws IOException {
    return LibbpfCalls.info(fd, INFO_SIZE).s32(4);
  }

  /** BPF_* of enum bpf_attach_type. */
  int attachType() {
    return attachType;
  }

  Fd fd() {
    return fd;
  }

  void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return name();
  }
}
