// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A program of a few instructions, loaded to learn whether the kernel knows a hook or a helper
 * there. libbpf's own probes read the words of the verifier, which newer kernels changed; errno
 * says the same: EINVAL for what it does not know, EACCES for a call that it would check.
 */
enum TinyProgram {
  SOCKOPS(13, 3),
  CONNECT(18, 10),
  SENDMSG(18, 14),
  RECVMSG(18, 19),
  GETSOCKOPT(25, 21),
  SETSOCKOPT(25, 22),
  GETPEERNAME(18, 29),
  GETSOCKNAME(18, 31),
  SK_LOOKUP(30, 36);

  private static final MethodHandle LOAD =
      LibbpfCalls.LIBBPF.bind(
          "bpf_prog_load",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final long RETURN_ONE = 1L << 32 | 0xb7;
  private static final long EXIT = 0x95;
  private static final long CALL = 0x85;

  private final int type;
  private final int attachType;

  TinyProgram(int type, int attachType) {
    this.type = type;
    this.attachType = attachType;
  }

  /** Whether the kernel has this hook. */
  boolean isKnown() throws ErrnoException {
    return isAccepted(RETURN_ONE, EXIT);
  }

  /** Whether a program of this hook may call the helper, a number of enum bpf_func_id. */
  boolean mayCall(int helper) throws ErrnoException {
    return isAccepted((long) helper << 32 | CALL, RETURN_ONE, EXIT);
  }

  /** Does nothing, and lets everything pass. */
  BpfProgram load() throws ErrnoException {
    Fd fd = load(RETURN_ONE, EXIT);
    return new BpfProgram(new ProgramSpec("probe", name()), attachType, fd);
  }

  private boolean isAccepted(long... instructions) throws ErrnoException {
    try {
      load(instructions).close();
      return true;
    } catch (ErrnoException e) {
      return switch (e.errno()) {
        case Errno.EACCES -> true;
        case Errno.EINVAL -> false;
        default -> throw e;
      };
    }
  }

  private Fd load(long... instructions) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment code = state.arena().allocateFrom(JAVA_LONG, instructions);
      MemorySegment name = state.arena().allocateFrom("culvert_probe");
      MemorySegment license = state.arena().allocateFrom("Dual BSD/GPL");
      // struct bpf_prog_load_opts as far as expected_attach_type
      MemorySegment options = state.arena().allocate(16, 8);
      options.set(JAVA_LONG, 0, 16);
      options.set(JAVA_INT, 12, attachType);
      int fd =
          (int)
              LOAD.invokeExact(
                  state.segment(), type, name, license, code, (long) instructions.length, options);
      return Fd.own(state.check(fd, "bpf_prog_load", name()));
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }
}
