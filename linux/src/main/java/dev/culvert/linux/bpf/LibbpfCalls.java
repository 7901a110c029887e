// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The commands of bpf(2) on descriptors, through libbpf's thin wrappers of them. */
final class LibbpfCalls {
  static final NativeLibrary LIBBPF = NativeLibrary.load("libbpf.so.1", "libbpf1");

  private static final NativeFunction OBJ_GET = LIBBPF.function("bpf_obj_get");
  private static final NativeFunction OBJ_PIN = LIBBPF.function("bpf_obj_pin");
  private static final NativeFunction OBJ_INFO = LIBBPF.function("bpf_obj_get_info_by_fd");
  private static final NativeFunction LOOKUP = LIBBPF.function("bpf_map_lookup_elem");
  private static final NativeFunction LOOKUP_AND_DELETE =
      LIBBPF.function("bpf_map_lookup_and_delete_elem");
  private static final NativeFunction UPDATE = LIBBPF.function("bpf_map_update_elem");
  private static final NativeFunction DELETE = LIBBPF.function("bpf_map_delete_elem");
  private static final NativeFunction NEXT_KEY = LIBBPF.function("bpf_map_get_next_key");
  private static final NativeFunction LINK_CREATE = LIBBPF.function("bpf_link_create");
  private static final NativeFunction PROGRAM_QUERY = LIBBPF.function("bpf_prog_query");
  private static final NativeFunction PROGRAM_BY_ID = LIBBPF.function("bpf_prog_get_fd_by_id");
  private static final NativeFunction LINK_UPDATE = LIBBPF.function("bpf_link_update");
  private static final NativeFunction LINK_DETACH = LIBBPF.function("bpf_link_detach");

  private LibbpfCalls() {}

  static Fd openPinned(Path path) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = state.arena().allocateFrom(path.toString());
      int fd = (int) OBJ_GET.call(state, name.address());
      return Fd.own(state.check(fd, "bpf_obj_get", path));
    }
  }

  static void pin(Fd fd, Path path) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = state.arena().allocateFrom(path.toString());
      int result = (int) OBJ_PIN.call(state, fd.value(), name.address());
      state.check(result, "bpf_obj_pin", fd, path);
    }
  }

  /** The first bytes of bpf_map_info, bpf_prog_info or bpf_link_info; zeros beyond what it has. */
  static ByteView info(Fd fd, int size) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment info = state.arena().allocate(size, 8);
      MemorySegment length = state.arena().allocateFrom(JAVA_INT, size);
      int result = (int) OBJ_INFO.call(state, fd.value(), info.address(), length.address());
      state.check(result, "bpf_obj_get_info_by_fd", fd);
      return ByteView.of(info.toArray(JAVA_BYTE), "the kernel's description of " + fd);
    }
  }

  static Optional<byte[]> lookup(Fd map, byte[] key, int valueSize) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment value = state.arena().allocate(valueSize, 8);
      MemorySegment k = bytes(state, key);
      int result = (int) LOOKUP.call(state, map.value(), k.address(), value.address());
      return isFound(state, result, "bpf_map_lookup_elem", map)
          ? Optional.of(value.toArray(JAVA_BYTE))
          : Optional.empty();
    }
  }

  /** The oldest elements of a queue, taken out of it; the same bytes are used for each. */
  static int drain(Fd queue, int valueSize, int most, Consumer<byte[]> taker)
      throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment value = state.arena().allocate(valueSize, 8);
      byte[] element = new byte[valueSize];
      int count = 0;
      while (count < most && pop(state, queue, value)) {
        MemorySegment.copy(value, JAVA_BYTE, 0, element, 0, valueSize);
        taker.accept(element);
        count++;
      }
      return count;
    }
  }

  private static boolean pop(CallState state, Fd queue, MemorySegment value) throws ErrnoException {
    int result = (int) LOOKUP_AND_DELETE.call(state, queue.value(), 0, value.address());
    return isFound(state, result, "bpf_map_lookup_and_delete_elem", queue);
  }

  static void update(Fd map, byte[] key, byte[] value, long flags) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment k = bytes(state, key);
      MemorySegment v = bytes(state, value);
      int result = (int) UPDATE.call(state, map.value(), k.address(), v.address(), flags);
      state.check(result, "bpf_map_update_elem", map);
    }
  }

  static boolean delete(Fd map, byte[] key) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment k = bytes(state, key);
      int result = (int) DELETE.call(state, map.value(), k.address());
      return isFound(state, result, "bpf_map_delete_elem", map);
    }
  }

  /**
   * The key after this one, in the map's own order; the first one when this one is not in the map.
   */
  static Optional<byte[]> nextKey(Fd map, Optional<byte[]> key, int keySize) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment next = state.arena().allocate(keySize, 8);
      MemorySegment current = key.map(k -> bytes(state, k)).orElse(MemorySegment.NULL);
      int result = (int) NEXT_KEY.call(state, map.value(), current.address(), next.address());
      return isFound(state, result, "bpf_map_get_next_key", map)
          ? Optional.of(next.toArray(JAVA_BYTE))
          : Optional.empty();
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
              LINK_CREATE.call(
                  state, program.fd().value(), target, program.attachType(), options.address());
      return Fd.own(state.check(fd, "bpf_link_create", program.name(), shownTarget));
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
              PROGRAM_QUERY.call(
                  state,
                  target,
                  hook,
                  flags,
                  attachFlags.address(),
                  ids.address(),
                  count.address());
      state.check(result, "bpf_prog_query", hook, shownTarget);
      int found = count.get(JAVA_INT, 0);
      return new Queried(
          attachFlags.get(JAVA_INT, 0),
          Arrays.stream(ids.asSlice(0, 4L * found).toArray(JAVA_INT)).boxed().toList());
    }
  }

  static Fd programById(int id) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int fd = (int) PROGRAM_BY_ID.call(state, id);
      return Fd.own(state.check(fd, "bpf_prog_get_fd_by_id", id));
    }
  }

  static void updateLink(Fd link, BpfProgram program) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result = (int) LINK_UPDATE.call(state, link.value(), program.fd().value(), 0);
      state.check(result, "bpf_link_update", link, program.name());
    }
  }

  static void detachLink(Fd link) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result = (int) LINK_DETACH.call(state, link.value());
      state.check(result, "bpf_link_detach", link);
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
