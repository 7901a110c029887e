// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeFunction;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;

/** socket(2), bind(2), listen(2), accept4(2), connect(2), shutdown(2), poll(2). */
final class SocketCalls {
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_SEQPACKET = 5;
  static final short POLLIN = 1;
  static final short POLLOUT = 4;

  private static final int CLOEXEC_NONBLOCK = 0x80000 | 0x800;
  private static final int SHUT_RDWR = 2;

  private static final NativeFunction SOCKET = NativeLibrary.libc().function("socket");
  private static final NativeFunction BIND = NativeLibrary.libc().function("bind");
  private static final NativeFunction CONNECT = NativeLibrary.libc().function("connect");
  private static final NativeFunction LISTEN = NativeLibrary.libc().function("listen");
  private static final NativeFunction SHUTDOWN = NativeLibrary.libc().function("shutdown");
  private static final NativeFunction ACCEPT4 = NativeLibrary.libc().function("accept4");
  private static final NativeFunction POLL = NativeLibrary.libc().function("poll");

  private SocketCalls() {}

  /** A socket that does not block and is closed on exec. */
  static Fd socket(int family, int type) throws ErrnoException {
    return socket(family, type, 0);
  }

  static Fd socket(int family, int type, int protocol) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int fd = (int) SOCKET.call(state, family, type | CLOEXEC_NONBLOCK, protocol);
      return Fd.own(state.check(fd, "socket", family, type, protocol));
    }
  }

  static Fd datagram() throws ErrnoException {
    return socket(AF_INET, SOCK_DGRAM);
  }

  static void bind(Fd fd, UnixAddress address) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = address.encode(state.arena());
      int result = (int) BIND.call(state, fd.value(), name.address(), name.byteSize());
      state.check(result, "bind", address);
    }
  }

  /** An address in the struct of the socket's own family. */
  static void bind(int fd, byte[] address) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = state.arena().allocate(address.length, 8);
      MemorySegment.copy(address, 0, name, JAVA_BYTE, 0, address.length);
      int result = (int) BIND.call(state, fd, name.address(), address.length);
      state.check(result, "bind", fd);
    }
  }

  static void connect(Fd fd, UnixAddress address) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = address.encode(state.arena());
      int result = (int) CONNECT.call(state, fd.value(), name.address(), name.byteSize());
      state.check(result, "connect", address);
    }
  }

  static void connect(int fd, InetSocketAddress to) throws ErrnoException {
    try (CallState state = CallState.open()) {
      byte[] bytes = SocketAddresses.encode(to);
      MemorySegment name = state.arena().allocate(bytes.length, 8);
      MemorySegment.copy(bytes, 0, name, JAVA_BYTE, 0, bytes.length);
      int result = (int) CONNECT.call(state, fd, name.address(), bytes.length);
      state.check(result, "connect", fd, to);
    }
  }

  static void listen(Fd fd, int backlog) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result = (int) LISTEN.call(state, fd.value(), backlog);
      state.check(result, "listen", fd, backlog);
    }
  }

  static Fd accept(int fd) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int accepted = (int) ACCEPT4.call(state, fd, 0, 0, CLOEXEC_NONBLOCK);
      return Fd.own(state.check(accepted, "accept4", fd));
    }
  }

  /** Wakes whoever waits on the socket. An error leaves nothing to act on. */
  static void shutdown(int fd) {
    try (CallState state = CallState.open()) {
      SHUTDOWN.call(state, fd, SHUT_RDWR);
    }
  }

  /**
   * Waits until one of the events, an error or a hang-up is there.
   *
   * @throws SocketTimeoutException when the deadline passes first; {@code operation} is named
   */
  static void await(int fd, short events, Deadline deadline, String operation)
      throws ErrnoException, SocketTimeoutException {
    try (CallState state = CallState.open()) {
      MemorySegment poll = pollfd(state, fd, events);
      int ready;
      do {
        ready = (int) POLL.call(state, poll.address(), 1L, deadline.remainingMillis());
      } while (ready < 0 && state.errno() == Errno.EINTR);
      if (state.check(ready, "poll", fd) == 0) {
        throw new SocketTimeoutException(operation + " timed out");
      }
    }
  }

  /** Whether one of the events is there now; an error or a hang-up is none. */
  static boolean isThere(int fd, short events) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment poll = pollfd(state, fd, events);
      int ready = (int) POLL.call(state, poll.address(), 1L, 0);
      return state.check(ready, "poll", fd) > 0 && (poll.get(JAVA_SHORT, 6) & events) != 0;
    }
  }

  private static MemorySegment pollfd(CallState state, int fd, short events) {
    MemorySegment poll = state.arena().allocate(8, 4);
    poll.set(JAVA_INT, 0, fd);
    poll.set(JAVA_SHORT, 4, events);
    return poll;
  }
}
