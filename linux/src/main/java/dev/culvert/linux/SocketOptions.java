// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The socket options of Culvert's contract with the kernel, on the number of any socket's
 * descriptor. The redirect programs answer SO_ORIGINAL_DST and CULVERT_PRESENT_PEER; see socket(7).
 */
public final class SocketOptions {
  /** SO_MARK of the proxy's own sockets: connections of marked sockets are not redirected. */
  public static final int MARK = 0x539;

  /** At levels SOL_IP and SOL_IPV6; linux/netfilter_ipv4.h. */
  public static final int SO_ORIGINAL_DST = 80;

  /** Private to Culvert, at level SOL_IP: the peer that the app at the other end will see. */
  public static final int CULVERT_PRESENT_PEER = 0x4356;

  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;
  private static final int SOL_SOCKET = 1;
  private static final int SO_MARK = 36;
  private static final int SO_PEERCRED = 17;
  private static final int SO_COOKIE = 57;
  private static final int SO_NETNS_COOKIE = 71;

  private SocketOptions() {}

  /** Marks the socket; needs CAP_NET_ADMIN. Set it before bind or connect. */
  public static void setMark(int fd, int mark) throws ErrnoException {
    byte[] value = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(mark).array();
    OptionCalls.set(fd, SOL_SOCKET, SO_MARK, value, "SO_MARK");
  }

  public static int mark(int fd) throws ErrnoException {
    return OptionCalls.get(fd, SOL_SOCKET, SO_MARK, 4, "SO_MARK").getInt();
  }

  /**
   * Where a captured connection was going before it was redirected, IPv4 (also of an IPv6 socket
   * that carries it) or IPv6.
   *
   * @throws ErrnoException when the connection was not captured
   */
  public static InetSocketAddress originalDestination(int fd) throws ErrnoException {
    try {
      return SocketAddresses.decode(
          OptionCalls.get(fd, SOL_IP, SO_ORIGINAL_DST, 16, "SO_ORIGINAL_DST"));
    } catch (ErrnoException notIpv4) {
      return originalDestinationIpv6(fd, notIpv4);
    }
  }

  private static InetSocketAddress originalDestinationIpv6(int fd, ErrnoException notIpv4)
      throws ErrnoException {
    try {
      return SocketAddresses.decode(
          OptionCalls.get(fd, SOL_IPV6, SO_ORIGINAL_DST, 28, "IP6T_SO_ORIGINAL_DST"));
    } catch (ErrnoException e) {
      e.addSuppressed(notIpv4);
      throw e;
    }
  }

  /**
   * Sets, before connect, the address that the app which accepts the connection sees as its peer.
   *
   * @throws ErrnoException when the socket is not marked with {@link #MARK}, or is outside the
   *     cgroup that the redirect programs are attached to
   */
  public static void presentPeer(int fd, InetSocketAddress peer) throws ErrnoException {
    OptionCalls.set(
        fd, SOL_IP, CULVERT_PRESENT_PEER, SocketAddresses.encode(peer), "CULVERT_PRESENT_PEER");
  }

  /** SO_COOKIE: the kernel's number for the socket, unique until the next boot. */
  public static long cookie(int fd) throws ErrnoException {
    return OptionCalls.get(fd, SOL_SOCKET, SO_COOKIE, 8, "SO_COOKIE").getLong();
  }

  /** SO_NETNS_COOKIE: the kernel's number for the network namespace the socket was made in. */
  public static long namespaceCookie(int fd) throws ErrnoException {
    return OptionCalls.get(fd, SOL_SOCKET, SO_NETNS_COOKIE, 8, "SO_NETNS_COOKIE").getLong();
  }

  /** SO_PEERCRED: who connected to the other end of a Unix socket. */
  public static Credentials peerCredentials(int fd) throws ErrnoException {
    ByteBuffer value = OptionCalls.get(fd, SOL_SOCKET, SO_PEERCRED, 12, "SO_PEERCRED");
    return new Credentials(value.getInt(), value.getInt(), value.getInt());
  }
}
