// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;

/** Capabilities of the calling thread, which Linux keeps apart from its process'; capset(2). */
final class ThreadCapabilities {
  private static final int VERSION_3 = 0x20080522;
  private static final int NET_ADMIN = 1 << 12;
  private static final FunctionDescriptor HEADER_AND_DATA =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle CAPGET = NativeLibrary.libc().bind("capget", HEADER_AND_DATA);
  private static final MethodHandle CAPSET = NativeLibrary.libc().bind("capset", HEADER_AND_DATA);

  private ThreadCapabilities() {}

  /** Runs with all that root has, but CAP_NET_ADMIN: what a container has by default, and more. */
  static <T> T withoutNetAdmin(Callable<T> body) throws Exception {
    setEffective(false);
    try {
      return body.call();
    } finally {
      setEffective(true);
    }
  }

  private static void setEffective(boolean netAdmin) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment header = state.arena().allocateFrom(JAVA_INT, VERSION_3, 0);
      MemorySegment data = state.arena().allocate(24, 4);
      int got = (int) CAPGET.invokeExact(state.segment(), header, data);
      state.check(got, "capget");
      int effective = data.get(JAVA_INT, 0);
      data.set(JAVA_INT, 0, netAdmin ? effective | NET_ADMIN : effective & ~NET_ADMIN);
      int set = (int) CAPSET.invokeExact(state.segment(), header, data);
      state.check(set, "capset");
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }
}
