// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** open(2), setns(2) and ioctl_ns(2), as far as network namespaces need them. */
final class NamespaceCalls {
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;
  private static final long NS_GET_NSTYPE = 0xb703;

  private static final MethodHandle OPEN =
      NativeLibrary.libc()
          .bindVariadic("open", 2, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SETNS =
      NativeLibrary.libc().bind("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle IOCTL =
      NativeLibrary.libc()
          .bindVariadic("ioctl", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));

  private NamespaceCalls() {}

  static Fd open(Path path) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int fd =
          (int)
              OPEN.invokeExact(
                  state.segment(), state.arena().allocateFrom(path.toString()), O_RDONLY_CLOEXEC);
      return Fd.own(state.check(fd, "open", path));
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static void enter(Fd namespace) throws ErrnoException {
    int fd = namespace.value();
    try (CallState state = CallState.open()) {
      int result = (int) SETNS.invokeExact(state.segment(), fd, CLONE_NEWNET);
      state.check(result, "setns", fd, "CLONE_NEWNET");
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static boolean isNetworkNamespace(Fd fd) {
    try (CallState state = CallState.open()) {
      return (int) IOCTL.invokeExact(state.segment(), fd.value(), NS_GET_NSTYPE) == CLONE_NEWNET;
    } catch (Throwable t) {
      throw CallState.unexpected(t);
    }
  }
}
