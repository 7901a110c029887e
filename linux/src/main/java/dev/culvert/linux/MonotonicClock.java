// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/** CLOCK_MONOTONIC, which BPF programs read by bpf_ktime_get_ns. */
public final class MonotonicClock {
  private static final int CLOCK_MONOTONIC = 1;
  private static final NativeFunction GET_TIME = NativeLibrary.libc().function("clock_gettime");

  private MonotonicClock() {}

  /** Nanoseconds since some moment of this boot. */
  public static long nanos() throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment time = state.arena().allocate(16, 8);
      state.check((int) GET_TIME.call(state, CLOCK_MONOTONIC, time.address()), "clock_gettime");
      return TimeUnit.SECONDS.toNanos(time.get(JAVA_LONG, 0)) + time.get(JAVA_LONG, 8);
    }
  }
}
