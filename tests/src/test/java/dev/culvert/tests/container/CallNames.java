// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.container;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The names of system calls as profiles have them, by libseccomp, which runc makes filters with.
 */
@SuppressWarnings("restricted") // a function of a library that is on each machine with runc
final class CallNames {
  private static final int X86_64 = 0xc000003e; // AUDIT_ARCH_X86_64
  private static final int LONGEST = 64;

  private static final MethodHandle NAME =
      Linker.nativeLinker()
          .downcallHandle(
              SymbolLookup.libraryLookup("libseccomp.so.2", Arena.global())
                  .findOrThrow("seccomp_syscall_resolve_num_arch"),
              FunctionDescriptor.of(ADDRESS, JAVA_INT, JAVA_INT));

  private CallNames() {}

  static String of(int number) {
    try {
      MemorySegment name = (MemorySegment) NAME.invokeExact(X86_64, number);
      return name.equals(MemorySegment.NULL)
          ? "number " + number
          : name.reinterpret(LONGEST).getString(0);
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }
}
