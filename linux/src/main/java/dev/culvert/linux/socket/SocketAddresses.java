// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * struct sockaddr_in and sockaddr_in6: the family in native order, port and address in network's.
 */
final class SocketAddresses {
  private static final short AF_INET = 2;
  private static final short AF_INET6 = 10;
  private static final int IPV4_LENGTH = 16;
  private static final int IPV6_LENGTH = 28;
  private static final int IPV6_ADDRESS = 8;

  private SocketAddresses() {}

  static byte[] encode(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    boolean ipv6 = ip instanceof Inet6Address;
    ByteBuffer buffer = ByteBuffer.allocate(ipv6 ? IPV6_LENGTH : IPV4_LENGTH);
    buffer.order(ByteOrder.nativeOrder()).putShort(ipv6 ? AF_INET6 : AF_INET);
    buffer.order(ByteOrder.BIG_ENDIAN).putShort((short) address.getPort());
    buffer.position(ipv6 ? 8 : 4).put(ip.getAddress());
    return buffer.array();
  }

  /** Always the struct of IPv6, an IPv4 address mapped into it (RFC 4291 2.5.5.2). */
  static byte[] encodeForIpv6(InetSocketAddress address) {
    byte[] ip = address.getAddress().getAddress();
    ByteBuffer buffer = ByteBuffer.allocate(IPV6_LENGTH);
    buffer.order(ByteOrder.nativeOrder()).putShort(AF_INET6);
    buffer.order(ByteOrder.BIG_ENDIAN).putShort((short) address.getPort());
    if (ip.length == 4) {
      buffer.putShort(18, (short) 0xffff);
    }
    buffer.put(IPV6_ADDRESS + 16 - ip.length, ip);
    return buffer.array();
  }

  /**
   * Reads either kind, told apart by its family.
   *
   * @throws IllegalArgumentException for another family or a value that is too short
   */
  static InetSocketAddress decode(ByteBuffer buffer) {
    short family = buffer.order(ByteOrder.nativeOrder()).getShort(0);
    int expected = family == AF_INET6 ? IPV6_LENGTH : IPV4_LENGTH;
    if ((family != AF_INET && family != AF_INET6) || buffer.limit() < expected) {
      throw new IllegalArgumentException(
          "not an IP socket address: family %d, %d bytes".formatted(family, buffer.limit()));
    }
    byte[] ip = new byte[family == AF_INET6 ? 16 : 4];
    buffer.get(family == AF_INET6 ? 8 : 4, ip);
    int port = Short.toUnsignedInt(buffer.order(ByteOrder.BIG_ENDIAN).getShort(2));
    return new InetSocketAddress(address(ip), port);
  }

  static InetAddress address(byte[] ip) {
    try {
      return InetAddress.getByAddress(ip);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
