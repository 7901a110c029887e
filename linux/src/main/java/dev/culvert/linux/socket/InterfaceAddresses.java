// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** getifaddrs(3): asks by netlink, so it answers for the calling thread's network namespace. */
@SuppressWarnings("restricted") // struct ifaddrs is a list that the C library allocates
final class InterfaceAddresses {
  private static final long NEXT = 0;
  private static final long ADDR = 24;
  private static final long ENTRY_SIZE = 56;
  private static final long MAX_SOCKADDR = 28;
  private static final short AF_INET = 2;
  private static final short AF_INET6 = 10;

  private static final NativeFunction GETIFADDRS = NativeLibrary.libc().function("getifaddrs");
  private static final NativeFunction FREEIFADDRS = NativeLibrary.libc().function("freeifaddrs");

  private InterfaceAddresses() {}

  static Set<InetAddress> ofCurrentNamespace() throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment head = state.arena().allocate(ADDRESS);
      state.check((int) GETIFADDRS.call(state, head.address()), "getifaddrs");
      MemorySegment first = head.get(ADDRESS, 0);
      try {
        return read(first);
      } finally {
        FREEIFADDRS.call(state, first.address());
      }
    }
  }

  private static Set<InetAddress> read(MemorySegment first) {
    Set<InetAddress> addresses = new LinkedHashSet<>();
    for (MemorySegment at = first; at.address() != 0; ) {
      MemorySegment entry = at.reinterpret(ENTRY_SIZE);
      address(entry.get(ADDRESS, ADDR)).ifPresent(addresses::add);
      at = entry.get(ADDRESS, NEXT);
    }
    return addresses;
  }

  private static Optional<InetAddress> address(MemorySegment pointer) {
    if (pointer.address() == 0) {
      return Optional.empty();
    }
    short family = pointer.reinterpret(2).get(JAVA_SHORT, 0);
    if (family != AF_INET && family != AF_INET6) {
      return Optional.empty();
    }
    long size = family == AF_INET ? 16 : MAX_SOCKADDR;
    ByteBuffer name = ByteBuffer.wrap(pointer.reinterpret(size).toArray(JAVA_BYTE));
    return Optional.of(SocketAddresses.decode(name).getAddress());
  }
}
