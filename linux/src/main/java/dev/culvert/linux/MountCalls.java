// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** mount(2) and umount2(2). */
final class MountCalls {
  private static final long NOSUID_NODEV_NOEXEC = 2 | 4 | 8;

  private static final MethodHandle MOUNT =
      NativeLibrary.libc()
          .bind(
              "mount",
              FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle UMOUNT2 =
      NativeLibrary.libc().bind("umount2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  private MountCalls() {}

  static void mount(String source, Path target, String type, String options) throws ErrnoException {
    try (CallState state = CallState.open()) {
      Arena arena = state.arena();
      int result =
          (int)
              MOUNT.invokeExact(
                  state.segment(),
                  arena.allocateFrom(source),
                  arena.allocateFrom(target.toString()),
                  arena.allocateFrom(type),
                  NOSUID_NODEV_NOEXEC,
                  arena.allocateFrom(options));
      state.check(result, "mount", source, target, type, options);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static void unmount(Path target) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result =
          (int)
              UMOUNT2.invokeExact(
                  state.segment(), state.arena().allocateFrom(target.toString()), 0);
      state.check(result, "umount2", target);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }
}
