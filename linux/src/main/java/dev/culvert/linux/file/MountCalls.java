// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.file;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** mount(2) and umount2(2). */
final class MountCalls {
  private static final long NOSUID_NODEV_NOEXEC = 2 | 4 | 8;

  private static final NativeFunction MOUNT = NativeLibrary.libc().function("mount");
  private static final NativeFunction UMOUNT2 = NativeLibrary.libc().function("umount2");

  private MountCalls() {}

  static void mount(String source, Path target, String type, String options) throws ErrnoException {
    try (CallState state = CallState.open()) {
      Arena arena = state.arena();
      int result =
          (int)
              MOUNT.call(
                  state,
                  arena.allocateFrom(source).address(),
                  arena.allocateFrom(target.toString()).address(),
                  arena.allocateFrom(type).address(),
                  NOSUID_NODEV_NOEXEC,
                  arena.allocateFrom(options).address());
      state.check(result, "mount", source, target, type, options);
    }
  }

  static void unmount(Path target) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result =
          (int) UMOUNT2.call(state, state.arena().allocateFrom(target.toString()).address(), 0);
      state.check(result, "umount2", target);
    }
  }
}
