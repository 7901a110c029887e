// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import dev.culvert.linux.errno.ErrnoException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The socket options of Culvert's contract with the kernel, on the number of any socket's
 * descriptor. The redirect programs answer SO_ORIGINAL_DST, CULVERT_PRESENT_PEER and
 * CULVERT_STEP_BACK; see socket(7).
 */
public final class SocketOptions {
  /** SO_MARK of the proxy's own sockets: connections of marked sockets are not redirected. */
  public static final int MARK = 0x539;

  /** At levels SOL_IP and SOL_IPV6; linux/netfilter_ipv4.h. */
  public static final int SO_ORIGINAL_DST = 80;

  /** Private to Culvert, at level SOL_IP: the peer that the app at the other end will see. */
  public static final int CULVERT_PRESENT_PEER = 0x4356;

  private static final int CULVERT_STEP_BACK = 0x4357;

  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;
  private static final int SOL_TCP = 6;
  private static final int TCP_KEEPIDLE = 4;
  private static final int TCP_KEEPINTVL = 5;
  private static final int TCP_KEEPCNT = 6;
  private static final int SOL_SOCKET = 1;
  private static final int SO_KEEPALIVE = 9;
  private static final int AF_INET6 = 10;
  private static final int IP_TRANSPARENT = 19;
  private static final int IP_BIND_ADDRESS_NO_PORT = 24;
  private static final int SO_MARK = 36;
  private static final int SO_PEERCRED = 17;
  private static final int SO_DOMAIN = 39;
  private static final int SO_COOKIE = 57;
  private static final int SO_NETNS_COOKIE = 71;

  private static final byte[] ONE = number(1);

  private SocketOptions() {}

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  /** Marks the socket; needs CAP_NET_ADMIN. Set it before bind or connect. */
  public static void setMark(int fd, int mark) throws ErrnoException {
    OptionCalls.set(fd, SOL_SOCKET, SO_MARK, number(mark), "SO_MARK");
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

  /**
   * Has the redirect programs give another listener of the same pod and port, older or newer, what
   * is new from now on. Where there is none nothing changes.
   *
   * @param fd of a listener
   * @throws ErrnoException when it has not registered: not marked, of no pod of the mesh, outside
   *     the cgroup that the redirect programs are attached to, or under older ones
   */
  public static void stepBack(int fd) throws ErrnoException {
    OptionCalls.set(fd, SOL_IP, CULVERT_STEP_BACK, ONE, "CULVERT_STEP_BACK");
  }

  /**
   * Gives a socket that is not yet connected another host's address as its source (ip(7),
   * IP_TRANSPARENT); the port is chosen at connect. Answers come back only where the routes of the
   * namespace take them in.
   *
   * @throws ErrnoException without CAP_NET_ADMIN in the socket's namespace
   */
  public static void speakAs(int fd, InetAddress source) throws ErrnoException {
    OptionCalls.set(fd, SOL_IP, IP_TRANSPARENT, ONE, "IP_TRANSPARENT");
    OptionCalls.set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, ONE, "IP_BIND_ADDRESS_NO_PORT");
    boolean ipv6 = OptionCalls.get(fd, SOL_SOCKET, SO_DOMAIN, 4, "SO_DOMAIN").getInt() == AF_INET6;
    InetSocketAddress address = new InetSocketAddress(source, 0);
    SocketCalls.bind(
        fd, ipv6 ? SocketAddresses.encodeForIpv6(address) : SocketAddresses.encode(address));
  }

  /**
   * Has the kernel ask the other end of a TCP connection whether it is still there (tcp(7)).
   *
   * @param idleSeconds of silence before, 1 to 32767
   * @param intervalSeconds between questions, 1 to 32767
   * @param probes unanswered questions that end the connection, 1 to 127
   */
  public static void keepAlive(int fd, int idleSeconds, int intervalSeconds, int probes)
      throws ErrnoException {
    OptionCalls.set(fd, SOL_TCP, TCP_KEEPIDLE, number(idleSeconds), "TCP_KEEPIDLE");
    OptionCalls.set(fd, SOL_TCP, TCP_KEEPINTVL, number(intervalSeconds), "TCP_KEEPINTVL");
    OptionCalls.set(fd, SOL_TCP, TCP_KEEPCNT, number(probes), "TCP_KEEPCNT");
    OptionCalls.set(fd, SOL_SOCKET, SO_KEEPALIVE, ONE, "SO_KEEPALIVE");
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
