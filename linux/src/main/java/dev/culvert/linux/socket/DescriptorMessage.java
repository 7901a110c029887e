// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culvert.linux.Fd;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;

/** Control messages of type SCM_RIGHTS (cmsg(3), unix(7)), on 64-bit Linux. */
final class DescriptorMessage {
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final long HEADER = 16;

  private DescriptorMessage() {}

  private static long aligned(long length) {
    return (length + 7) & ~7L;
  }

  static MemorySegment allocate(SegmentAllocator allocator, int descriptors) {
    return allocator.allocate(aligned(HEADER + 4L * descriptors), 8);
  }

  /** Empty when there is nothing to send: a control message without descriptors is refused. */
  static MemorySegment encode(SegmentAllocator allocator, Fd... fds) {
    if (fds.length == 0) {
      return MemorySegment.NULL;
    }
    MemorySegment control = allocate(allocator, fds.length);
    control.set(JAVA_LONG, 0, HEADER + 4L * fds.length);
    control.set(JAVA_INT, 8, SOL_SOCKET);
    control.set(JAVA_INT, 12, SCM_RIGHTS);
    for (int i = 0; i < fds.length; i++) {
      control.set(JAVA_INT, HEADER + 4L * i, fds[i].value());
    }
    return control;
  }

  /** Every received descriptor, so that none is left open without an owner. */
  static List<Fd> decode(MemorySegment control, long received) {
    List<Fd> fds = new ArrayList<>();
    long at = 0;
    while (at + HEADER <= received) {
      long length = control.get(JAVA_LONG, at);
      boolean rights =
          control.get(JAVA_INT, at + 8) == SOL_SOCKET
              && control.get(JAVA_INT, at + 12) == SCM_RIGHTS;
      for (long fd = at + HEADER; rights && fd + 4 <= at + length; fd += 4) {
        fds.add(Fd.own(control.get(JAVA_INT, fd)));
      }
      at += aligned(Math.max(length, HEADER));
    }
    return fds;
  }
}
