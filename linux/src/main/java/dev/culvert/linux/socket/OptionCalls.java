// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** getsockopt(2) and setsockopt(2) with values as bytes in native order. */
final class OptionCalls {
  private static final NativeFunction GET = NativeLibrary.libc().function("getsockopt");
  private static final NativeFunction SET = NativeLibrary.libc().function("setsockopt");

  private OptionCalls() {}

  /** The value, as long as the kernel says it is, at most {@code size} bytes. */
  static ByteBuffer get(int fd, int level, int option, int size, String name)
      throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment value = state.arena().allocate(size, 8);
      MemorySegment length = state.arena().allocateFrom(JAVA_INT, size);
      int result = (int) GET.call(state, fd, level, option, value.address(), length.address());
      state.check(result, "getsockopt", fd, name);
      byte[] bytes = value.asSlice(0, length.get(JAVA_INT, 0)).toArray(JAVA_BYTE);
      return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
  }

  static void set(int fd, int level, int option, byte[] value, String name) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment bytes = state.arena().allocate(value.length, 8);
      MemorySegment.copy(value, 0, bytes, JAVA_BYTE, 0, value.length);
      int result = (int) SET.call(state, fd, level, option, bytes.address(), value.length);
      state.check(result, "setsockopt", fd, name);
    }
  }
}
