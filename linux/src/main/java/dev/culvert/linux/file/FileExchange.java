// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.file;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** renameat2(2) with RENAME_EXCHANGE. */
public final class FileExchange {
  private static final int AT_FDCWD = -100;
  private static final int RENAME_EXCHANGE = 2;

  private static final NativeFunction RENAMEAT2 = NativeLibrary.libc().function("renameat2");

  private FileExchange() {}

  /**
   * Lets two files change their names, at once for everybody.
   *
   * @throws ErrnoException when one is missing, they are on different file systems, or theirs
   *     cannot do it (EINVAL)
   */
  public static void exchange(Path one, Path other) throws ErrnoException {
    try (CallState state = CallState.open()) {
      Arena arena = state.arena();
      int result =
          (int)
              RENAMEAT2.call(
                  state,
                  AT_FDCWD,
                  arena.allocateFrom(one.toString()).address(),
                  AT_FDCWD,
                  arena.allocateFrom(other.toString()).address(),
                  RENAME_EXCHANGE);
      state.check(result, "renameat2", one, other, "RENAME_EXCHANGE");
    }
  }
}
