// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/** struct msghdr with one struct iovec, on 64-bit Linux. */
final class MessageHeader {
  private static final long IOV = 16;
  private static final long IOV_COUNT = 24;
  private static final long CONTROL = 32;
  private static final long CONTROL_LENGTH = 40;
  private static final long FLAGS = 48;
  private static final long SIZE = 56;

  private MessageHeader() {}

  static MemorySegment encode(
      SegmentAllocator allocator, MemorySegment data, long length, MemorySegment control) {
    MemorySegment vector = allocator.allocate(16, 8);
    vector.set(ADDRESS, 0, data);
    vector.set(JAVA_LONG, 8, length);
    MemorySegment message = allocator.allocate(SIZE, 8);
    message.set(ADDRESS, IOV, vector);
    message.set(JAVA_LONG, IOV_COUNT, 1);
    if (control.byteSize() > 0) {
      message.set(ADDRESS, CONTROL, control);
      message.set(JAVA_LONG, CONTROL_LENGTH, control.byteSize());
    }
    return message;
  }

  static long controlLength(MemorySegment message) {
    return message.get(JAVA_LONG, CONTROL_LENGTH);
  }

  static int flags(MemorySegment message) {
    return message.get(JAVA_INT, FLAGS);
  }
}
