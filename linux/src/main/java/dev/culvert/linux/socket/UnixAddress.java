// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** struct sockaddr_un of a path; see unix(7). */
record UnixAddress(Path path) {
  /** sizeof(sun_path) less the terminating zero. */
  private static final int MAX_PATH_BYTES = 107;

  UnixAddress {
    if (bytes(path).length > MAX_PATH_BYTES) {
      throw new IllegalArgumentException(
          "%s: a Unix socket path has at most %d bytes; choose a shorter one"
              .formatted(path, MAX_PATH_BYTES));
    }
  }

  private static byte[] bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8);
  }

  MemorySegment encode(SegmentAllocator allocator) {
    byte[] name = bytes(path);
    MemorySegment segment = allocator.allocate(2 + name.length + 1, 2);
    segment.set(JAVA_SHORT, 0, (short) SocketCalls.AF_UNIX);
    MemorySegment.copy(name, 0, segment, JAVA_BYTE, 2, name.length);
    return segment;
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
