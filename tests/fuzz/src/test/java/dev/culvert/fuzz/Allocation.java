// SPDX-License-Identifier: Apache-2.0
package dev.culvert.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What a parser may take from the heap: a multiple of what it was given, never what it was told.
 */
public final class Allocation {
  /** Tables of fixed size, and what a fuzzer's instruments add. */
  private static final long BASE = 4L << 20;

  private static final long PER_BYTE = 4096;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocation() {}

  /** Something that may fail as it is documented to. */
  public interface Parsing<T, E extends Exception> {
    T run() throws E;
  }

  /**
   * Runs the parser, and fails when it allocates out of proportion: also the second time, when its
   * classes are loaded and instrumented.
   */
  public static <T, E extends Exception> T bounded(byte[] input, Parsing<T, E> parsing) throws E {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      T parsed = parsing.run();
      if (isInProportion(before, input)) {
        return parsed;
      }
    } catch (Exception e) {
      if (isInProportion(before, input)) {
        throw e;
      }
    }
    return again(input, parsing);
  }

  private static <T, E extends Exception> T again(byte[] input, Parsing<T, E> parsing) throws E {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      return parsing.run();
    } finally {
      assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
          .as("bytes allocated for an input of %d", input.length)
          .isLessThan(bound(input));
    }
  }

  private static boolean isInProportion(long before, byte[] input) {
    return THREADS.getCurrentThreadAllocatedBytes() - before < bound(input);
  }

  private static long bound(byte[] input) {
    return BASE + PER_BYTE * input.length;
  }
}
