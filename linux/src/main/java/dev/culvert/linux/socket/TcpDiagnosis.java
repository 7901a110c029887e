// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The TCP connections of one network namespace, asked of the kernel by sock_diag(7). Holds the
 * namespace until it is closed. Needs CAP_NET_ADMIN; one thread.
 */
public final class TcpDiagnosis implements AutoCloseable {
  private static final short AF_NETLINK = 16;
  private static final int SOCK_DIAG = 4;
  private static final short BY_FAMILY = 20;
  private static final short DESTROY = 21;
  private static final short REQUEST = 1;
  private static final short ACK = 4;
  private static final short DUMP = 0x300;
  private static final short ERROR = 2;
  private static final short DONE = 3;
  private static final byte AF_INET = 2;
  private static final byte AF_INET6 = 10;
  private static final byte IPPROTO_TCP = 6;
  private static final int HEADER = 16;
  private static final int REQUEST_SIZE = HEADER + 56;

  /** All but LISTEN, TIME_WAIT and CLOSE: those that can still move a byte, or will. */
  private static final int OPEN_STATES = 0x1ffe & ~(1 << 10 | 1 << 6 | 1 << 7);

  private static final int SYN_RECEIVED = 1 << 3;
  private static final int LISTENING = 1 << 10;
  private static final int COOKIE_AT = 44;
  private static final int QUEUE_AT = 56;

  private static final byte TIME_WAIT_TIMER = 3;
  private static final int BUFFER = 1 << 16;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Fd socket;

  private TcpDiagnosis(Fd socket) {
    this.socket = socket;
  }

  /** Of the given namespace. On a platform thread, which enters it for a moment. */
  public static TcpDiagnosis in(NetworkNamespace namespace) throws IOException {
    try {
      return namespace.call(TcpDiagnosis::here);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private static TcpDiagnosis here() throws IOException {
    return new TcpDiagnosis(SocketCalls.socket(AF_NETLINK, SocketCalls.SOCK_DGRAM, SOCK_DIAG));
  }

  /**
   * Whether this kernel can reset connections by {@link #destroy}: CONFIG_INET_DIAG_DESTROY.
   *
   * @throws IOException when it could not be asked
   */
  public static boolean canDestroy() throws IOException {
    try (TcpDiagnosis here = here()) {
      here.exchange(request(DESTROY, ACK, AF_INET, OPEN_STATES, new byte[48]), new ArrayList<>());
      return true;
    } catch (ErrnoException e) {
      return e.errno() == Errno.ENOENT;
    }
  }

  /** Every connection that is open, or being opened or closed. */
  public List<TcpConnection> connections() throws IOException {
    return dump(OPEN_STATES).stream().map(TcpDiagnosis::connection).toList();
  }

  /** Connections that wait for the last packet of their handshake, on any listener. */
  public Set<TcpConnection> handshakes() throws IOException {
    return dump(SYN_RECEIVED).stream()
        .map(TcpDiagnosis::connection)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Every socket that listens. */
  public List<TcpListener> listeners() throws IOException {
    return dump(LISTENING).stream().map(TcpDiagnosis::listener).toList();
  }

  private List<ByteBuffer> dump(int states) throws IOException {
    List<ByteBuffer> all = new ArrayList<>();
    for (byte family : new byte[] {AF_INET, AF_INET6}) {
      exchange(request(BY_FAMILY, DUMP, family, states, new byte[48]), all);
    }
    return all;
  }

  /**
   * Resets exactly this connection: both ends see it broken.
   *
   * @return false when it is gone already
   */
  public boolean destroy(TcpConnection connection) throws IOException {
    try {
      byte[] id = connection.id();
      exchange(request(DESTROY, ACK, connection.family(), OPEN_STATES, id), new ArrayList<>());
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        return false;
      }
      throw e;
    }
  }

  /** struct nlmsghdr and struct inet_diag_req_v2. */
  private static byte[] request(short type, short flags, byte family, int states, byte[] id) {
    ByteBuffer request = ByteBuffer.allocate(REQUEST_SIZE).order(ByteOrder.nativeOrder());
    request.putInt(REQUEST_SIZE).putShort(type).putShort((short) (REQUEST | flags));
    request.put(HEADER, family).put(HEADER + 1, IPPROTO_TCP);
    return request.putInt(HEADER + 4, states).put(HEADER + 8, id).array();
  }

  private void exchange(byte[] request, List<ByteBuffer> into) throws IOException {
    MessageCalls.send(socket.value(), request);
    boolean more = true;
    while (more) {
      SocketCalls.await(socket.value(), SocketCalls.POLLIN, Deadline.after(PATIENCE), "sock_diag");
      try (Packet packet = MessageCalls.receive(socket.value(), BUFFER, 1)) {
        if (!packet.isWhole()) {
          throw new IOException("sock_diag: an answer longer than " + BUFFER + " bytes");
        }
        more = read(ByteBuffer.wrap(packet.data()).order(ByteOrder.nativeOrder()), into);
      }
    }
  }

  /** Whether more packets follow. */
  private static boolean read(ByteBuffer packet, List<ByteBuffer> into) throws ErrnoException {
    for (int at = 0; at + HEADER <= packet.limit(); at += align(packet.getInt(at))) {
      int length = Math.max(HEADER, packet.getInt(at));
      switch (packet.getShort(at + 4)) {
        case DONE -> {
          return false;
        }
        case ERROR -> {
          check(packet.getInt(at + HEADER));
          return false;
        }
        default -> add(slice(packet, at + HEADER, length - HEADER), into);
      }
    }
    return true;
  }

  private static void check(int negativeErrno) throws ErrnoException {
    if (negativeErrno != 0) {
      throw new ErrnoException("sock_diag", -negativeErrno);
    }
  }

  /** What is only waited for after the end shows in its last state, which may be FIN_WAIT2. */
  private static void add(ByteBuffer message, List<ByteBuffer> into) {
    if (message.get(2) != TIME_WAIT_TIMER) {
      into.add(message);
    }
  }

  /** struct inet_diag_msg of a socket that listens: its queue stands where others have bytes. */
  private static TcpListener listener(ByteBuffer message) {
    long low = Integer.toUnsignedLong(message.getInt(COOKIE_AT));
    long cookie = low | (long) message.getInt(COOKIE_AT + 4) << 32;
    int port = Short.toUnsignedInt(message.order(ByteOrder.BIG_ENDIAN).getShort(4));
    message.order(ByteOrder.nativeOrder());
    return new TcpListener(cookie, port, mark(message), message.getInt(QUEUE_AT));
  }

  /** struct inet_diag_msg. */
  private static TcpConnection connection(ByteBuffer message) {
    byte family = message.get(0);
    byte[] id = new byte[48];
    message.get(4, id);
    return new TcpConnection(
        end(message, family, 4, 8), end(message, family, 6, 24), mark(message), family, id);
  }

  private static InetSocketAddress end(ByteBuffer message, byte family, int portAt, int ipAt) {
    byte[] ip = new byte[family == AF_INET ? 4 : 16];
    message.get(ipAt, ip);
    int port = Short.toUnsignedInt(message.order(ByteOrder.BIG_ENDIAN).getShort(portAt));
    message.order(ByteOrder.nativeOrder());
    return new InetSocketAddress(SocketAddresses.address(ip), port);
  }

  private static int mark(ByteBuffer message) {
    int attributes = 72;
    short markType = 15;
    for (int at = attributes; at + 4 <= message.limit(); ) {
      int length = Short.toUnsignedInt(message.getShort(at));
      if (message.getShort(at + 2) == markType && length >= 8) {
        return message.getInt(at + 4);
      }
      at += align(Math.max(4, length));
    }
    return 0;
  }

  private static ByteBuffer slice(ByteBuffer packet, int at, int length) {
    return packet.slice(at, Math.min(length, packet.limit() - at)).order(ByteOrder.nativeOrder());
  }

  private static int align(int length) {
    return Math.max(HEADER / 4, (length + 3) & ~3);
  }

  @Override
  public void close() {
    socket.close();
  }
}
