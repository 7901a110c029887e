// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * Becomes another command, for which the kernel has no IPv6: a filter of seccomp(2) answers each
 * socket(2) of that family as a kernel that was booted with {@code ipv6.disable=1} does.
 */
final class WithoutIpv6 {
  private static final int PR_SET_SECCOMP = 22;
  private static final long SECCOMP_MODE_FILTER = 2;
  private static final int AF_INET6 = 10;
  private static final int EAFNOSUPPORT = 97;

  /** AUDIT_ARCH and the number of socket(2). */
  private static final int[] MACHINE =
      System.getProperty("os.arch").equals("aarch64")
          ? new int[] {0xC00000B7, 198}
          : new int[] {0xC000003E, 41};

  /** Of struct seccomp_data: {@code arch}, {@code nr} and the low half of {@code args[0]}. */
  private static final int ARCH = 4;

  private static final int NR = 0;
  private static final int FAMILY = 16;

  private static final short LOAD = 0x20;
  private static final short JUMP_IF_EQUAL = 0x15;
  private static final short RETURN = 0x06;
  private static final int ERRNO = 0x00050000;
  private static final int ALLOW = 0x7fff0000;

  private WithoutIpv6() {}

  /** What stands before a command. */
  static List<String> prefix() {
    return List.of(
        ProcessHandle.current().info().command().orElseThrow(),
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        WithoutIpv6.class.getName());
  }

  /** Replaces this process by the command, which the thread that makes the filter becomes. */
  public static void main(String[] command) throws Throwable {
    MethodHandle prctl =
        function("prctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), 1);
    MethodHandle execvp = function("execvp", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS), 2);
    try (Arena arena = Arena.ofConfined()) {
      int filtered = (int) prctl.invokeExact(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program(arena));
      if (filtered != 0) {
        throw new IllegalStateException("prctl(PR_SET_SECCOMP) failed; is this root?");
      }
      MemorySegment arguments = arena.allocate(ADDRESS, command.length + 1L);
      for (int i = 0; i < command.length; i++) {
        arguments.setAtIndex(ADDRESS, i, arena.allocateFrom(command[i]));
      }
      var _ = (int) execvp.invokeExact(arena.allocateFrom(command[0]), arguments);
      throw new IllegalStateException("cannot become " + command[0]);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor type, int fixed) {
    Linker linker = Linker.nativeLinker();
    MemorySegment address = linker.defaultLookup().find(name).orElseThrow();
    return fixed == type.argumentLayouts().size()
        ? linker.downcallHandle(address, type)
        : linker.downcallHandle(address, type, Linker.Option.firstVariadicArg(fixed));
  }

  /** A struct sock_fprog. */
  private static MemorySegment program(Arena arena) {
    Filter filter = new Filter(arena, 8);
    filter.add(LOAD, 0, 0, ARCH);
    filter.add(JUMP_IF_EQUAL, 0, 5, MACHINE[0]);
    filter.add(LOAD, 0, 0, NR);
    filter.add(JUMP_IF_EQUAL, 0, 3, MACHINE[1]);
    filter.add(LOAD, 0, 0, FAMILY);
    filter.add(JUMP_IF_EQUAL, 0, 1, AF_INET6);
    filter.add(RETURN, 0, 0, ERRNO | EAFNOSUPPORT);
    filter.add(RETURN, 0, 0, ALLOW);
    MemorySegment program = arena.allocate(16, 8);
    program.set(JAVA_SHORT, 0, (short) filter.length);
    program.set(ADDRESS, 8, filter.instructions);
    return program;
  }

  /** Instructions of a classic BPF program, 8 bytes each. */
  private static final class Filter {
    private final MemorySegment instructions;
    private int length;

    Filter(Arena arena, int most) {
      this.instructions = arena.allocate(8L * most, 8);
    }

    void add(short code, int jumpIfTrue, int jumpIfFalse, int constant) {
      long at = 8L * length;
      instructions.set(JAVA_SHORT, at, code);
      instructions.set(JAVA_BYTE, at + 2, (byte) jumpIfTrue);
      instructions.set(JAVA_BYTE, at + 3, (byte) jumpIfFalse);
      instructions.set(JAVA_INT, at + 4, constant);
      length++;
    }
  }
}
