// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** A {@code struct bpf_object} of libbpf, which is only alive while an object is being loaded. */
final class LibbpfObject implements AutoCloseable {
  private static final MethodHandle OPEN =
      bind("bpf_object__open_mem", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle LOAD = bind("bpf_object__load", JAVA_INT, ADDRESS);
  private static final MethodHandle CLOSE =
      LibbpfCalls.LIBBPF.bind("bpf_object__close", FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle FIND_MAP =
      bind("bpf_object__find_map_by_name", ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle FIND_PROGRAM =
      bind("bpf_object__find_program_by_name", ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle SET_PIN_PATH =
      bind("bpf_map__set_pin_path", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SET_MAX_ENTRIES =
      bind("bpf_map__set_max_entries", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle MAP_FD = bind("bpf_map__fd", JAVA_INT, ADDRESS);
  private static final MethodHandle PROGRAM_FD = bind("bpf_program__fd", JAVA_INT, ADDRESS);
  private static final MethodHandle ATTACH_TYPE =
      bind("bpf_program__expected_attach_type", JAVA_INT, ADDRESS);

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment object;

  private LibbpfObject(BpfObjectSpec spec) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment elf = arena.allocateFrom(JAVA_BYTE, spec.elf());
      MemorySegment options = openOptions(spec.name());
      MemorySegment opened =
          (MemorySegment) OPEN.invokeExact(state.segment(), elf, elf.byteSize(), options);
      this.object = found(state, opened, "bpf_object__open_mem", spec.name());
    } catch (Throwable t) {
      arena.close();
      throw CallState.rethrow(t);
    }
  }

  private static MethodHandle bind(
      String function, MemoryLayout result, MemoryLayout... parameters) {
    return LibbpfCalls.LIBBPF.bind(function, FunctionDescriptor.of(result, parameters));
  }

  static LibbpfObject open(BpfObjectSpec spec) throws ErrnoException {
    return new LibbpfObject(spec);
  }

  /** struct bpf_object_open_opts as far as its second field. */
  private MemorySegment openOptions(String name) {
    MemorySegment options = arena.allocate(16, 8);
    options.set(JAVA_LONG, 0, options.byteSize());
    options.set(ADDRESS, 8, arena.allocateFrom(name));
    return options;
  }

  void pinMap(String map, Path path) throws ErrnoException {
    MemorySegment handle = find(FIND_MAP, map, "bpf_object__find_map_by_name");
    try (CallState state = CallState.open()) {
      MemorySegment name = state.arena().allocateFrom(path.toString());
      int result = (int) SET_PIN_PATH.invokeExact(state.segment(), handle, name);
      state.check(result, "bpf_map__set_pin_path", map, path);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /** Of a map that is there already with another number of entries. */
  void sizeMap(String map, int entries) throws ErrnoException {
    MemorySegment handle = find(FIND_MAP, map, "bpf_object__find_map_by_name");
    try (CallState state = CallState.open()) {
      int result = (int) SET_MAX_ENTRIES.invokeExact(state.segment(), handle, entries);
      state.check(result, "bpf_map__set_max_entries", map, entries);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  void load() throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result = (int) LOAD.invokeExact(state.segment(), object);
      state.check(result, "bpf_object__load");
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /** A descriptor of its own, which outlives this object. */
  Fd mapFd(String map) throws ErrnoException {
    return duplicate(MAP_FD, find(FIND_MAP, map, "bpf_object__find_map_by_name"));
  }

  /** A descriptor of its own, which outlives this object. */
  Fd programFd(String program) throws ErrnoException {
    return duplicate(PROGRAM_FD, find(FIND_PROGRAM, program, "bpf_object__find_program_by_name"));
  }

  /** BPF_* of enum bpf_attach_type, which libbpf derives from the section's name. */
  int attachType(String program) throws ErrnoException {
    MemorySegment handle = find(FIND_PROGRAM, program, "bpf_object__find_program_by_name");
    try (CallState state = CallState.open()) {
      return (int) ATTACH_TYPE.invokeExact(state.segment(), handle);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  private Fd duplicate(MethodHandle fdOf, MemorySegment handle) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int fd = (int) fdOf.invokeExact(state.segment(), handle);
      Fd borrowed = Fd.own(state.check(fd, "bpf_object"));
      try {
        return borrowed.duplicate();
      } finally {
        int ignored = borrowed.release();
      }
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  private MemorySegment find(MethodHandle finder, String name, String operation)
      throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment text = state.arena().allocateFrom(name);
      MemorySegment handle = (MemorySegment) finder.invokeExact(state.segment(), object, text);
      return found(state, handle, operation, name);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  private static MemorySegment found(
      CallState state, MemorySegment pointer, String operation, String name) throws ErrnoException {
    if (pointer.equals(MemorySegment.NULL)) {
      throw new ErrnoException(operation, state.errno(), name);
    }
    return pointer;
  }

  @Override
  public void close() {
    try (CallState state = CallState.open()) {
      CLOSE.invokeExact(state.segment(), object);
    } catch (Throwable t) {
      throw CallState.unexpected(t);
    } finally {
      arena.close();
    }
  }
}
