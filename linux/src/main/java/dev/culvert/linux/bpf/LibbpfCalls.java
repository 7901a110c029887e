// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culvert.linux.Errno;
import dev.culvert.linux.ErrnoException;
import dev.culvert.linux.Fd;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The commands of bpf(2) on descriptors, through libbpf's thin wrappers of them. */
final class LibbpfCalls {
  static final NativeLibrary LIBBPF = NativeLibrary.load("libbpf.so.1", "libbpf1");

  private static final MethodHandle OBJ_GET = bind("bpf_obj_get", ADDRESS);
  private static final MethodHandle OBJ_PIN = bind("bpf_obj_pin", JAVA_INT, ADDRESS);
  private static final MethodHandle OBJ_INFO =
      bind("bpf_obj_get_info_by_fd", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle LOOKUP =
      bind("bpf_map_lookup_elem", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle LOOKUP_AND_DELETE =
      bind("bpf_map_lookup_and_delete_elem", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle UPDATE =
      bind("bpf_map_update_elem", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle DELETE = bind("bpf_map_delete_elem", JAVA_INT, ADDRESS);
  private static final MethodHandle NEXT_KEY =
      bind("bpf_map_get_next_key", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle LINK_CREATE =
      bind("bpf_link_create", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle PROGRAM_QUERY =
      bind("bpf_prog_query", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle PROGRAM_BY_ID = bind("bpf_prog_get_fd_by_id", JAVA_INT);
  private static final MethodHandle LINK_UPDATE =
      bind("bpf_link_update", JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle LINK_DETACH = bind("bpf_link_detach", JAVA_INT);

  private LibbpfCalls() {}

  private static MethodHandle bind(String function, MemoryLayout... parameters) {
    return LIBBPF.bind(function, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  static Fd openPinned(Path path) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = state.arena().allocateFrom(path.toString());
      int fd = (int) OBJ_GET.invokeExact(state.segment(), name);
      return Fd.own(state.check(fd, "bpf_obj_get", path));
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static void pin(Fd fd, Path path) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = state.arena().allocateFrom(path.toString());
      int result = (int) OBJ_PIN.invokeExact(state.segment(), fd.value(), name);
      state.check(result, "bpf_obj_pin", fd, path);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /** The first bytes of bpf_map_info, bpf_prog_info or bpf_link_info; zeros beyond what it has. */
  static ByteView info(Fd fd, int size) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment info = state.arena().allocate(size, 8);
      MemorySegment length = state.arena().allocateFrom(JAVA_INT, size);
      int result = (int) OBJ_INFO.invokeExact(state.segment(), fd.value(), info, length);
      state.check(result, "bpf_obj_get_info_by_fd", fd);
      return ByteView.of(info.toArray(JAVA_BYTE), "the kernel's description of " + fd);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static Optional<byte[]> lookup(Fd map, byte[] key, int valueSize) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment value = state.arena().allocate(valueSize, 8);
      MemorySegment k = bytes(state, key);
      int result = (int) LOOKUP.invokeExact(state.segment(), map.value(), k, value);
      return isFound(state, result, "bpf_map_lookup_elem", map)
          ? Optional.of(value.toArray(JAVA_BYTE))
          : Optional.empty();
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /** The oldest element of a queue, taken out of it. */
  static Optional<byte[]> pop(Fd queue, int valueSize) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment value = state.arena().allocate(valueSize, 8);
      int result =
          (int)
              LOOKUP_AND_DELETE.invokeExact(
                  state.segment(), queue.value(), MemorySegment.NULL, value);
      return isFound(state, result, "bpf_map_lookup_and_delete_elem", queue)
          ? Optional.of(value.toArray(JAVA_BYTE))
          : Optional.empty();
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static void update(Fd map, byte[] key, byte[] value, long flags) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment k = bytes(state, key);
      MemorySegment v = bytes(state, value);
      int result = (int) UPDATE.invokeExact(state.segment(), map.value(), k, v, flags);
      state.check(result, "bpf_map_update_elem", map);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static boolean delete(Fd map, byte[] key) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment k = bytes(state, key);
      int result = (int) DELETE.invokeExact(state.segment(), map.value(), k);
      return isFound(state, result, "bpf_map_delete_elem", map);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /**
   * The key after this one, in the map's own order; the first one when this one is not in the map.
   */
  static Optional<byte[]> nextKey(Fd map, Optional<byte[]> key, int keySize) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment next = state.arena().allocate(keySize, 8);
      MemorySegment current = key.map(k -> bytes(state, k)).orElse(MemorySegment.NULL);
      int result = (int) NEXT_KEY.invokeExact(state.segment(), map.value(), current, next);
      return isFound(state, result, "bpf_map_get_next_key", map)
          ? Optional.of(next.toArray(JAVA_BYTE))
          : Optional.empty();
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /**
   * Ties a program to what it acts on.
   *
   * @param flags BPF_F_*; any but 0 is EINVAL for hooks and kernels that know none
   */
  static Fd createLink(BpfProgram program, int target, int flags, Object shownTarget)
      throws ErrnoException {
    try (CallState state = CallState.open()) {
      // struct bpf_link_create_opts as far as flags
      MemorySegment options = state.arena().allocate(16, 8);
      options.set(JAVA_LONG, 0, 16);
      options.set(JAVA_INT, 8, flags);
      int fd =
          (int)
              LINK_CREATE.invokeExact(
                  state.segment(), program.fd().value(), target, program.attachType(), options);
      return Fd.own(state.check(fd, "bpf_link_create", program.name(), shownTarget));
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /** What the kernel tells of a hook: how it may be shared, and its programs by their ids. */
  record Queried(int attachFlags, List<Integer> programs) {}

  /**
   * The programs of a hook, in the order in which they run.
   *
   * @param most of them that are told; ENOSPC when there are more
   */
  static Queried query(int target, int hook, int flags, int most, Object shownTarget)
      throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment attachFlags = state.arena().allocate(JAVA_INT);
      MemorySegment ids = state.arena().allocate(JAVA_INT, most);
      MemorySegment count = state.arena().allocateFrom(JAVA_INT, most);
      int result =
          (int)
              PROGRAM_QUERY.invokeExact(
                  state.segment(), target, hook, flags, attachFlags, ids, count);
      state.check(result, "bpf_prog_query", hook, shownTarget);
      int found = count.get(JAVA_INT, 0);
      return new Queried(
          attachFlags.get(JAVA_INT, 0),
          Arrays.stream(ids.asSlice(0, 4L * found).toArray(JAVA_INT)).boxed().toList());
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static Fd programById(int id) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int fd = (int) PROGRAM_BY_ID.invokeExact(state.segment(), id);
      return Fd.own(state.check(fd, "bpf_prog_get_fd_by_id", id));
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static void updateLink(Fd link, BpfProgram program) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result =
          (int)
              LINK_UPDATE.invokeExact(
                  state.segment(), link.value(), program.fd().value(), MemorySegment.NULL);
      state.check(result, "bpf_link_update", link, program.name());
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static void detachLink(Fd link) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result = (int) LINK_DETACH.invokeExact(state.segment(), link.value());
      state.check(result, "bpf_link_detach", link);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  private static MemorySegment bytes(CallState state, byte[] bytes) {
    return state.arena().allocateFrom(JAVA_BYTE, bytes);
  }

  private static boolean isFound(CallState state, int result, String operation, Fd map)
      throws ErrnoException {
    if (result < 0 && state.errno() == Errno.ENOENT) {
      return false;
    }
    state.check(result, operation, map);
    return true;
  }
}
