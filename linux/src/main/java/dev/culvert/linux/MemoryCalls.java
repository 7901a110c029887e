// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** madvise(2). */
final class MemoryCalls {
  private static final int MADV_DONTNEED = 4;

  private static final MethodHandle MADVISE =
      NativeLibrary.libc()
          .bind("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  private MemoryCalls() {}

  /** What is read there next comes from the file again; what was written there is lost. */
  static void drop(long start, long length) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result =
          (int)
              MADVISE.invokeExact(
                  state.segment(), MemorySegment.ofAddress(start), length, MADV_DONTNEED);
      state.check(result, "madvise", Long.toHexString(start), length, "MADV_DONTNEED");
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }
}
