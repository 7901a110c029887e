// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.memory;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;

/** madvise(2). */
final class MemoryCalls {
  private static final int MADV_DONTNEED = 4;

  private static final NativeFunction MADVISE = NativeLibrary.libc().function("madvise");

  private MemoryCalls() {}

  /** What is read there next comes from the file again; what was written there is lost. */
  static void drop(long start, long length) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result = (int) MADVISE.call(state, start, length, MADV_DONTNEED);
      state.check(result, "madvise", Long.toHexString(start), length, "MADV_DONTNEED");
    }
  }
}
