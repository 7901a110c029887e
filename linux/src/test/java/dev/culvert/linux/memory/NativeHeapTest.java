// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NativeHeapTest {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle MALLOC =
      function("malloc", FunctionDescriptor.of(ADDRESS, JAVA_LONG));
  private static final MethodHandle FREE = function("free", FunctionDescriptor.ofVoid(ADDRESS));

  private static final int BLOCKS = 4;
  private static final int BLOCK_BYTES = 4 * 1024 * 1024;
  private static final int PAGE_BYTES = 4096;
  private static final int ROUNDS = 20;

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), type);
  }

  /** Without it glibc gives all of them back each time: a fault for each page. */
  @Test
  void blocksFreedTogetherAreTakenAgainWithoutPageFaults() throws Throwable {
    assertThat(NativeHeap.keepFreed()).isTrue();
    takeAndFree();
    long before = minorFaults();
    for (int i = 0; i < ROUNDS; i++) {
      takeAndFree();
    }
    long pages = (long) ROUNDS * BLOCKS * BLOCK_BYTES / PAGE_BYTES;
    assertThat(minorFaults() - before).isLessThan(pages / 4);
  }

  @SuppressWarnings("restricted")
  private static void takeAndFree() throws Throwable {
    List<MemorySegment> blocks = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      MemorySegment block = (MemorySegment) MALLOC.invokeExact((long) BLOCK_BYTES);
      blocks.add(block.reinterpret(BLOCK_BYTES).fill((byte) 1));
    }
    for (MemorySegment block : blocks) {
      FREE.invokeExact(block);
    }
  }

  /** Of this thread, as proc(5) counts them: the tenth field. */
  private static long minorFaults() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[7]);
  }
}
