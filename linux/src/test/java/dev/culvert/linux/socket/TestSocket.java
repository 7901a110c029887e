// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.ffi.CallState;
import dev.culvert.linux.ffi.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A blocking socket as C has it: no name is cached and no family is chosen for the caller, as the
 * JDK's channels do. Waits at most five seconds.
 */
final class TestSocket implements AutoCloseable {
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_DEFER_ACCEPT = 9;
  private static final int IPPROTO_MPTCP = 262;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_FASTOPEN = 0x20000000;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_REUSEPORT = 15;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDTIMEO = 21;

  private static final MethodHandle SOCKET = bind("socket", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND = bind("bind", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle CONNECT = bind("connect", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle LISTEN = bind("listen", JAVA_INT, JAVA_INT);
  private static final MethodHandle ACCEPT = bind("accept", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle PEER_NAME = bind("getpeername", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle OWN_NAME = bind("getsockname", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SEND_TO =
      bind("sendto", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle RECEIVE_FROM =
      bind("recvfrom", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);

  private static final MethodHandle INTERFACE_INDEX =
      NativeLibrary.libc().bind("if_nametoindex", FunctionDescriptor.of(JAVA_INT, ADDRESS));

  record Datagram(InetSocketAddress from, String text) {}

  private final Fd fd;
  private final int family;
  private final InetSocketAddress acceptedFrom;

  private TestSocket(Fd fd, int family, InetSocketAddress acceptedFrom) throws ErrnoException {
    this.fd = fd;
    this.family = family;
    this.acceptedFrom = acceptedFrom;
    byte[] fiveSeconds =
        ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).putLong(0, 5).array();
    OptionCalls.set(fd.value(), SOL_SOCKET, SO_RCVTIMEO, fiveSeconds, "SO_RCVTIMEO");
    OptionCalls.set(fd.value(), SOL_SOCKET, SO_SNDTIMEO, fiveSeconds, "SO_SNDTIMEO");
  }

  private static MethodHandle bind(String function, MemoryLayout... parameters) {
    MemoryLayout result =
        function.equals("sendto") || function.equals("recvfrom") ? JAVA_LONG : JAVA_INT;
    return NativeLibrary.libc().bind(function, FunctionDescriptor.of(result, parameters));
  }

  static TestSocket tcp(int family) throws ErrnoException {
    return open(family, SOCK_STREAM);
  }

  static TestSocket udp(int family) throws ErrnoException {
    return open(family, SOCK_DGRAM);
  }

  /** TCP that may use several paths; a kernel without it refuses. */
  static TestSocket multipath(int family) throws ErrnoException {
    return open(family, SOCK_STREAM, IPPROTO_MPTCP);
  }

  private static TestSocket open(int family, int type) throws ErrnoException {
    return open(family, type, 0);
  }

  private static TestSocket open(int family, int type, int protocol) throws ErrnoException {
    try (CallState state = CallState.open()) {
      int fd = (int) SOCKET.invokeExact(state.segment(), family, type | SOCK_CLOEXEC, protocol);
      return new TestSocket(Fd.own(state.check(fd, "socket")), family, null);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  int fd() {
    return fd.value();
  }

  TestSocket marked() throws ErrnoException {
    SocketOptions.setMark(fd(), SocketOptions.MARK);
    return this;
  }

  TestSocket sharingPort() throws ErrnoException {
    return option(SO_REUSEPORT, "SO_REUSEPORT");
  }

  /** Its connections' handshakes end with their first byte. */
  TestSocket deferringAccept() throws ErrnoException {
    byte[] seconds = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(30).array();
    OptionCalls.set(fd(), IPPROTO_TCP, TCP_DEFER_ACCEPT, seconds, "TCP_DEFER_ACCEPT");
    return this;
  }

  TestSocket bound(InetSocketAddress address) throws ErrnoException {
    option(SO_REUSEADDR, "SO_REUSEADDR");
    name(BIND, "bind", address);
    return this;
  }

  private TestSocket option(int option, String name) throws ErrnoException {
    byte[] one = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(1).array();
    OptionCalls.set(fd(), SOL_SOCKET, option, one, name);
    return this;
  }

  TestSocket connected(InetSocketAddress address) throws ErrnoException {
    name(CONNECT, "connect", address);
    return this;
  }

  TestSocket connectedInScope(InetSocketAddress address, int scope) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = encode(state, address);
      name.set(JAVA_INT, 24, scope);
      int result = (int) CONNECT.invokeExact(state.segment(), fd(), name, (int) name.byteSize());
      state.check(result, "connect", address);
      return this;
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  static int interfaceIndex(String name) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment text = state.arena().allocateFrom(name);
      int index = (int) INTERFACE_INDEX.invokeExact(state.segment(), text);
      return state.check(index == 0 ? -1 : index, "if_nametoindex", name);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  TestSocket listening() throws ErrnoException {
    try (CallState state = CallState.open()) {
      int result = (int) LISTEN.invokeExact(state.segment(), fd(), 4096);
      state.check(result, "listen", fd);
      return this;
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  TestSocket accept() throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = state.arena().allocate(28, 8);
      MemorySegment length = state.arena().allocateFrom(JAVA_INT, 28);
      int accepted = (int) ACCEPT.invokeExact(state.segment(), fd(), name, length);
      Fd owned = Fd.own(state.check(accepted, "accept", fd));
      return new TestSocket(owned, family, decode(name, length));
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /** What accept(2) itself told. */
  InetSocketAddress acceptedFrom() {
    return acceptedFrom;
  }

  InetSocketAddress peer() throws ErrnoException {
    return name(PEER_NAME, "getpeername");
  }

  InetSocketAddress own() throws ErrnoException {
    return name(OWN_NAME, "getsockname");
  }

  /** Connects by sending: TCP Fast Open. */
  TestSocket connectedBySending(String text, InetSocketAddress to) throws ErrnoException {
    send(text, to, MSG_FASTOPEN);
    return this;
  }

  /** Sends to the address, or to the peer when there is none. */
  void send(String text, InetSocketAddress to) throws ErrnoException {
    send(text, to, 0);
  }

  private void send(String text, InetSocketAddress to, int flags) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment data = state.arena().allocateFrom(text);
      MemorySegment name = to == null ? MemorySegment.NULL : encode(state, to);
      int nameLength = (int) name.byteSize();
      long sent =
          (long)
              SEND_TO.invokeExact(
                  state.segment(), fd(), data, data.byteSize() - 1, flags, name, nameLength);
      state.check(sent, "sendto", to);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /** What is there by now; empty when nothing is. */
  Optional<Datagram> receiveNow() throws ErrnoException {
    try {
      return Optional.of(receive(MSG_DONTWAIT));
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EAGAIN) {
        return Optional.empty();
      }
      throw e;
    }
  }

  Datagram receive() throws ErrnoException {
    return receive(0);
  }

  private Datagram receive(int flags) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment data = state.arena().allocate(512);
      MemorySegment name = state.arena().allocate(28, 8);
      MemorySegment length = state.arena().allocateFrom(JAVA_INT, 28);
      long received =
          (long) RECEIVE_FROM.invokeExact(state.segment(), fd(), data, 512L, flags, name, length);
      state.check(received, "recvfrom", fd);
      String text =
          new String(data.asSlice(0, received).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
      return new Datagram(decode(name, length), text);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  private InetSocketAddress name(MethodHandle call, String operation) throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = state.arena().allocate(28, 8);
      MemorySegment length = state.arena().allocateFrom(JAVA_INT, 28);
      int result = (int) call.invokeExact(state.segment(), fd(), name, length);
      state.check(result, operation, fd);
      return decode(name, length);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  private void name(MethodHandle call, String operation, InetSocketAddress address)
      throws ErrnoException {
    try (CallState state = CallState.open()) {
      MemorySegment name = encode(state, address);
      int result = (int) call.invokeExact(state.segment(), fd(), name, (int) name.byteSize());
      state.check(result, operation, address);
    } catch (Throwable t) {
      throw CallState.rethrow(t);
    }
  }

  /** IPv4 on an IPv6 socket is written as an IPv4-mapped IPv6 address. */
  private MemorySegment encode(CallState state, InetSocketAddress address) {
    byte[] name = SocketAddresses.encode(address);
    if (family == AF_INET6 && address.getAddress() instanceof Inet4Address v4) {
      ByteBuffer mapped = ByteBuffer.allocate(28).order(ByteOrder.nativeOrder());
      mapped.putShort((short) AF_INET6).put(name, 2, 2);
      mapped.putShort(18, (short) 0xffff).position(20).put(v4.getAddress());
      name = mapped.array();
    }
    MemorySegment segment = state.arena().allocate(name.length, 8);
    return segment.copyFrom(MemorySegment.ofArray(name));
  }

  private static InetSocketAddress decode(MemorySegment name, MemorySegment length) {
    byte[] bytes = name.asSlice(0, length.get(JAVA_INT, 0)).toArray(JAVA_BYTE);
    return bytes.length == 0 ? null : SocketAddresses.decode(ByteBuffer.wrap(bytes));
  }

  @Override
  public void close() {
    fd.close();
  }
}
