// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A program at the connect4 of a cgroup as it was attached before there were links, without
 * BPF_F_ALLOW_MULTI: nothing that Culvert itself does.
 */
@SuppressWarnings("restricted") // the attachment is one that nobody should make
final class ExclusiveAttachment implements AutoCloseable {
  private static final int CONNECT4 = 10;
  private static final SymbolLookup LIBBPF =
      SymbolLookup.libraryLookup("libbpf.so.1", Arena.global());

  private final int program;
  private final int cgroup;

  private ExclusiveAttachment(int program, int cgroup) {
    this.program = program;
    this.cgroup = cgroup;
  }

  static ExclusiveAttachment of(int programId, Path cgroup) throws IOException {
    int program = call(LIBBPF, "bpf_prog_get_fd_by_id", programId);
    int directory = open(cgroup);
    call(LIBBPF, "bpf_prog_attach", program, directory, CONNECT4, 0);
    return new ExclusiveAttachment(program, directory);
  }

  private static int open(Path path) throws IOException {
    MethodHandle open =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("open"),
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                Linker.Option.firstVariadicArg(2));
    try (Arena arena = Arena.ofConfined()) {
      return check("open", (int) open.invokeExact(arena.allocateFrom(path.toString()), 0));
    } catch (Throwable t) {
      throw new IOException(t);
    }
  }

  private static int call(SymbolLookup library, String function, int... arguments)
      throws IOException {
    MemoryLayout[] parameters = new MemoryLayout[arguments.length];
    Arrays.fill(parameters, JAVA_INT);
    MethodHandle handle =
        Linker.nativeLinker()
            .downcallHandle(
                library.findOrThrow(function), FunctionDescriptor.of(JAVA_INT, parameters));
    try {
      return check(
          function,
          (int)
              handle.invokeWithArguments(
                  Arrays.stream(arguments).boxed().map(Object.class::cast).toList()));
    } catch (Throwable t) {
      throw new IOException(t);
    }
  }

  private static int check(String function, int result) throws IOException {
    if (result < 0) {
      throw new IOException(function + ": " + result);
    }
    return result;
  }

  @Override
  public void close() throws IOException {
    call(LIBBPF, "bpf_prog_detach2", program, cgroup, CONNECT4);
    call(Linker.nativeLinker().defaultLookup(), "close", program);
    call(Linker.nativeLinker().defaultLookup(), "close", cgroup);
  }
}
