// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.memory;

import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;

/** The memory of malloc(3), which Netty's buffers are cut from. */
public final class NativeHeap {
  /** Parameters of mallopt(3). */
  private static final int M_TRIM_THRESHOLD = -1;

  private static final int M_MMAP_THRESHOLD = -3;

  /** The largest that glibc takes. */
  private static final int OWN_MAPPING_FROM = 32 * 1024 * 1024;

  /** What an arena of glibc has at most in one piece. */
  private static final int KEPT = 64 * 1024 * 1024;

  private static final NativeFunction MALLOPT = NativeLibrary.libc().function("mallopt");

  private NativeHeap() {}

  /**
   * Has malloc keep what is freed, up to 64 MiB of an arena, instead of giving it back to the
   * kernel at once: a proxy takes it again a moment later, and each of its pages would then cost a
   * fault and be cleared anew. What stays unused is given back by malloc_trim(3), which the JVM
   * calls by {@code TrimNativeHeapInterval}.
   *
   * @return whether the C library took it; one without mallopt keeps its own ways
   */
  public static boolean keepFreed() {
    return NativeLibrary.libc().symbol("mallopt").isPresent()
        && set(M_MMAP_THRESHOLD, OWN_MAPPING_FROM)
        && set(M_TRIM_THRESHOLD, KEPT);
  }

  private static boolean set(int parameter, int bytes) {
    try (CallState state = CallState.open()) {
      return (int) MALLOPT.call(state, parameter, bytes) == 1;
    }
  }
}
