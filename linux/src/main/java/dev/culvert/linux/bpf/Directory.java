// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** A directory as a descriptor, which Java itself does not give; see open(2). */
final class Directory {
  private static final int O_CLOEXEC = 0x80000;
  private static final NativeFunction OPEN = NativeLibrary.libc().function("open");

  private Directory() {}

  static Fd open(Path path) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = state.arena().allocateFrom(path.toString());
      int fd = (int) OPEN.call(state, name.address(), O_CLOEXEC);
      return Fd.own(state.check(fd, "open", path));
    }
  }
}
