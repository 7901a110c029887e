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
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * What an app is told about the ends of its socket by getpeername(2) and getsockname(2). A channel
 * of the JDK remembers what it was asked to connect to; this asks the kernel.
 */
public final class SocketNames {
  private static final int LONGEST = 28;
  private static final FunctionDescriptor FD_ADDRESS_LENGTH =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETPEERNAME =
      NativeLibrary.libc().bind("getpeername", FD_ADDRESS_LENGTH);
  private static final MethodHandle GETSOCKNAME =
      NativeLibrary.libc().bind("getsockname", FD_ADDRESS_LENGTH);

  private SocketNames() {}

  /** The other end. */
  public static InetSocketAddress peer(int fd) throws ErrnoException {
    return ask(GETPEERNAME, fd, "getpeername");
  }

  /** The own end. */
  public static InetSocketAddress local(int fd) throws ErrnoException {
    return ask(GETSOCKNAME, fd, "getsockname");
  }

  private static InetSocketAddress ask(MethodHandle call, int fd, String name)
      throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment address = state.arena().allocate(LONGEST, 8);
      MemorySegment length = state.arena().allocateFrom(JAVA_INT, LONGEST);
      int result = (int) call.invokeExact(state.segment(), fd, address, length);
      state.check(result, name, fd);
      byte[] bytes = address.asSlice(0, length.get(JAVA_INT, 0)).toArray(JAVA_BYTE);
      return SocketAddresses.decode(ByteBuffer.wrap(bytes));
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }
}
