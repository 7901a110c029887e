// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
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

  private static final FunctionDescriptor FD_ADDRESS_LENGTH =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final FunctionDescriptor TWO_INTS =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT);

  private static final MethodHandle SOCKET =
      NativeLibrary.libc()
          .bind("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND = NativeLibrary.libc().bind("bind", FD_ADDRESS_LENGTH);
  private static final MethodHandle CONNECT =
      NativeLibrary.libc().bind("connect", FD_ADDRESS_LENGTH);
  private static final MethodHandle LISTEN = NativeLibrary.libc().bind("listen", TWO_INTS);
  private static final MethodHandle SHUTDOWN = NativeLibrary.libc().bind("shutdown", TWO_INTS);
  private static final MethodHandle ACCEPT4 =
      NativeLibrary.libc()
          .bind("accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle POLL =
      NativeLibrary.libc()
          .bind("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  private SocketCalls() {}

  /** A socket that does not block and is closed on exec. */
  static Fd socket(int family, int type) throws ErrnoException {
    return socket(family, type, 0);
  }

  static Fd socket(int family, int type, int protocol) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int fd = (int) SOCKET.invokeExact(state.segment(), family, type | CLOEXEC_NONBLOCK, protocol);
      return Fd.own(state.check(fd, "socket", family, type, protocol));
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static Fd datagram() throws ErrnoException {
    return socket(AF_INET, SOCK_DGRAM);
  }

  static void bind(Fd fd, UnixAddress address) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = address.encode(state.arena());
      int result = (int) BIND.invokeExact(state.segment(), fd.value(), name, (int) name.byteSize());
      state.check(result, "bind", address);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /** An address in the struct of the socket's own family. */
  static void bind(int fd, byte[] address) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = state.arena().allocate(address.length, 8);
      MemorySegment.copy(address, 0, name, JAVA_BYTE, 0, address.length);
      int result = (int) BIND.invokeExact(state.segment(), fd, name, address.length);
      state.check(result, "bind", fd);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static void connect(Fd fd, UnixAddress address) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = address.encode(state.arena());
      int result =
          (int) CONNECT.invokeExact(state.segment(), fd.value(), name, (int) name.byteSize());
      state.check(result, "connect", address);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static void connect(int fd, InetSocketAddress to) throws ErrnoException {
    try (CallState state = CallState.open()) {
      byte[] bytes = SocketAddresses.encode(to);
      MemorySegment name = state.arena().allocate(bytes.length, 8);
      MemorySegment.copy(bytes, 0, name, JAVA_BYTE, 0, bytes.length);
      int result = (int) CONNECT.invokeExact(state.segment(), fd, name, bytes.length);
      state.check(result, "connect", fd, to);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static void listen(Fd fd, int backlog) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result = (int) LISTEN.invokeExact(state.segment(), fd.value(), backlog);
      state.check(result, "listen", fd, backlog);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static Fd accept(int fd) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int accepted =
          (int)
              ACCEPT4.invokeExact(
                  state.segment(), fd, MemorySegment.NULL, MemorySegment.NULL, CLOEXEC_NONBLOCK);
      return Fd.own(state.check(accepted, "accept4", fd));
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /** Wakes whoever waits on the socket. An error leaves nothing to act on. */
  static void shutdown(int fd) {
    try (CallState state = CallState.open()) {
      int ignored = (int) SHUTDOWN.invokeExact(state.segment(), fd, SHUT_RDWR);
    } catch (Throwable t) {
      throw CallState.unexpected(t);
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
        ready = (int) POLL.invokeExact(state.segment(), poll, 1L, deadline.remainingMillis());
      } while (ready < 0 && state.errno() == Errno.EINTR);
      if (state.check(ready, "poll", fd) == 0) {
        throw new SocketTimeoutException(operation + " timed out");
      }
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /** Whether one of the events is there now; an error or a hang-up is none. */
  static boolean isThere(int fd, short events) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment poll = pollfd(state, fd, events);
      int ready = (int) POLL.invokeExact(state.segment(), poll, 1L, 0);
      return state.check(ready, "poll", fd) > 0 && (poll.get(JAVA_SHORT, 6) & events) != 0;
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  private static MemorySegment pollfd(CallState state, int fd, short events) {
    MemorySegment poll = state.arena().allocate(8, 4);
    poll.set(JAVA_INT, 0, fd);
    poll.set(JAVA_SHORT, 4, events);
    return poll;
  }
}
