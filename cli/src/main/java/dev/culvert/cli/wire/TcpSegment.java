// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.wire;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One TCP segment (RFC 9293) in an Ethernet frame, over IPv4 (RFC 791) or IPv6 (RFC 8200).
 *
 * @param flow from where to where
 * @param sequence the number of its first byte
 * @param syn whether it opens the connection; its number is then one before the first byte
 * @param payload what it carries
 */
record TcpSegment(Flow flow, int sequence, boolean syn, ByteBuffer payload) {
  private static final int ETHERNET_HEADER = 14;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int IPV6_HEADER = 40;
  private static final int TCP = 6;
  private static final int SYN = 0x02;

  /** One direction of a connection. */
  record Flow(InetSocketAddress from, InetSocketAddress to) {}

  /** Empty for everything that is not TCP, and for fragments. */
  static Optional<TcpSegment> of(ByteBuffer frame) {
    if (frame.limit() < ETHERNET_HEADER) {
      return Optional.empty();
    }
    ByteBuffer packet = frame.slice(ETHERNET_HEADER, frame.limit() - ETHERNET_HEADER);
    return switch (frame.getShort(12) & 0xffff) {
      case IPV4 -> ipv4(packet);
      case IPV6 -> ipv6(packet);
      default -> Optional.empty();
    };
  }

  private static Optional<TcpSegment> ipv4(ByteBuffer packet) {
    boolean whole = packet.limit() >= 20 && (packet.getShort(6) & 0x3fff) == 0;
    if (!whole || packet.get(9) != TCP) {
      return Optional.empty();
    }
    int header = (packet.get(0) & 0x0f) * 4;
    int length = Math.min(packet.getShort(2) & 0xffff, packet.limit());
    return tcp(packet, header, length, address(packet, 12, 4), address(packet, 16, 4));
  }

  private static Optional<TcpSegment> ipv6(ByteBuffer packet) {
    if (packet.limit() < IPV6_HEADER || packet.get(6) != TCP) {
      return Optional.empty();
    }
    int length = Math.min((packet.getShort(4) & 0xffff) + IPV6_HEADER, packet.limit());
    return tcp(packet, IPV6_HEADER, length, address(packet, 8, 16), address(packet, 24, 16));
  }

  private static Optional<TcpSegment> tcp(
      ByteBuffer packet, int begin, int end, InetAddress from, InetAddress to) {
    if (end - begin < 20) {
      return Optional.empty();
    }
    int data = begin + ((packet.get(begin + 12) & 0xf0) >> 2);
    if (data > end) {
      return Optional.empty();
    }
    Flow flow =
        new Flow(
            new InetSocketAddress(from, packet.getShort(begin) & 0xffff),
            new InetSocketAddress(to, packet.getShort(begin + 2) & 0xffff));
    boolean syn = (packet.get(begin + 13) & SYN) != 0;
    return Optional.of(
        new TcpSegment(flow, packet.getInt(begin + 4), syn, packet.slice(data, end - data)));
  }

  private static InetAddress address(ByteBuffer packet, int at, int length) {
    byte[] bytes = new byte[length];
    packet.get(at, bytes);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
