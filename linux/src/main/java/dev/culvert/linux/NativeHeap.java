// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** The memory of malloc(3), which Netty's buffers are cut from. */
public final class NativeHeap {
  /** Parameters of mallopt(3). */
  private static final int M_TRIM_THRESHOLD = -1;

  private static final int M_MMAP_THRESHOLD = -3;

  /** The largest that glibc takes. */
  private static final int OWN_MAPPING_FROM = 32 * 1024 * 1024;

  /** What an arena of glibc has at most in one piece. */
  private static final int KEPT = 64 * 1024 * 1024;

  private static final MethodHandle MALLOPT =
      NativeLibrary.libc().bind("mallopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

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
      return (int) MALLOPT.invokeExact(state.segment(), parameter, bytes) == 1;
    } catch (Throwable t) {
      throw CallState.unexpected(t);
    }
  }
}
