// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.nio.file.Path;

/** open(2), setns(2) and ioctl_ns(2), as far as network namespaces need them. */
final class NamespaceCalls {
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;
  private static final long NS_GET_NSTYPE = 0xb703;

  private static final NativeFunction OPEN = NativeLibrary.libc().function("open");
  private static final NativeFunction SETNS = NativeLibrary.libc().function("setns");
  private static final NativeFunction IOCTL = NativeLibrary.libc().function("ioctl");

  private NamespaceCalls() {}

  static Fd open(Path path) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int fd =
          (int)
              OPEN.call(
                  state, state.arena().allocateFrom(path.toString()).address(), O_RDONLY_CLOEXEC);
      return Fd.own(state.check(fd, "open", path));
    }
  }

  static void enter(Fd namespace) throws ErrnoException {
    int fd = namespace.value();
    try (CallState state = CallState.open()) {
      int result = (int) SETNS.call(state, fd, CLONE_NEWNET);
      state.check(result, "setns", fd, "CLONE_NEWNET");
    }
  }

  static boolean isNetworkNamespace(Fd fd) {
    try (CallState state = CallState.open()) {
      return (int) IOCTL.call(state, fd.value(), NS_GET_NSTYPE) == CLONE_NEWNET;
    }
  }
}
