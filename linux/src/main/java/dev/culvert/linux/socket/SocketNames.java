// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * What an app is told about the ends of its socket by getpeername(2) and getsockname(2). A channel
 * of the JDK remembers what it was asked to connect to; this asks the kernel.
 */
public final class SocketNames {
  private static final int LONGEST = 28;
  private static final NativeFunction GETPEERNAME = NativeLibrary.libc().function("getpeername");
  private static final NativeFunction GETSOCKNAME = NativeLibrary.libc().function("getsockname");

  private SocketNames() {}

  /** The other end. */
  public static InetSocketAddress peer(int fd) throws ErrnoException {
    return ask(GETPEERNAME, fd, "getpeername");
  }

  /** The own end. */
  public static InetSocketAddress local(int fd) throws ErrnoException {
    return ask(GETSOCKNAME, fd, "getsockname");
  }

  private static InetSocketAddress ask(NativeFunction call, int fd, String name)
      throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment address = state.arena().allocate(LONGEST, 8);
      MemorySegment length = state.arena().allocateFrom(JAVA_INT, LONGEST);
      int result = (int) call.call(state, fd, address.address(), length.address());
      state.check(result, name, fd);
      byte[] bytes = address.asSlice(0, length.get(JAVA_INT, 0)).toArray(JAVA_BYTE);
      return SocketAddresses.decode(ByteBuffer.wrap(bytes));
    }
  }
}
