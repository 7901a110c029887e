// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** getsockopt(2) and setsockopt(2) with values as bytes in native order. */
final class OptionCalls {
  private static final MethodHandle GET =
      NativeLibrary.libc()
          .bind(
              "getsockopt",
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle SET =
      NativeLibrary.libc()
          .bind(
              "setsockopt",
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  private OptionCalls() {}

  /** The value, as long as the kernel says it is, at most {@code size} bytes. */
  static ByteBuffer get(int fd, int level, int option, int size, String name)
      throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment value = state.arena().allocate(size, 8);
      MemorySegment length = state.arena().allocateFrom(JAVA_INT, size);
      int result = (int) GET.invokeExact(state.segment(), fd, level, option, value, length);
      state.check(result, "getsockopt", fd, name);
      byte[] bytes = value.asSlice(0, length.get(JAVA_INT, 0)).toArray(JAVA_BYTE);
      return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static void set(int fd, int level, int option, byte[] value, String name) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment bytes = state.arena().allocate(value.length, 8);
      MemorySegment.copy(value, 0, bytes, JAVA_BYTE, 0, value.length);
      int result = (int) SET.invokeExact(state.segment(), fd, level, option, bytes, value.length);
      state.check(result, "setsockopt", fd, name);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }
}
