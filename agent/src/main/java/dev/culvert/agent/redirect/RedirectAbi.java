// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/** Keys and values of the maps as bpf-programs/include/culvert_abi.h lays them out. */
final class RedirectAbi {
  static final int CAPTURE = 1;
  private static final int POD_SIZE = 24;
  private static final int IP6_AT = 4;
  private static final int FLAGS_AT = 20;

  private RedirectAbi() {}

  /** struct culvert_pod. */
  record Pod(PodAddresses addresses, boolean captured) {
    byte[] encode() {
      ByteBuffer value = ByteBuffer.allocate(POD_SIZE).order(ByteOrder.nativeOrder());
      addresses.ip4().ifPresent(ip -> value.put(0, ip.getAddress()));
      addresses.ip6().ifPresent(ip -> value.put(IP6_AT, ip.getAddress()));
      return value.putInt(FLAGS_AT, captured ? CAPTURE : 0).array();
    }

    static Pod decode(byte[] value) {
      Optional<Inet4Address> ip4 =
          address(Arrays.copyOfRange(value, 0, IP6_AT)).map(Inet4Address.class::cast);
      Optional<Inet6Address> ip6 =
          address(Arrays.copyOfRange(value, IP6_AT, FLAGS_AT)).map(Inet6Address.class::cast);
      int flags = ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt(FLAGS_AT);
      return new Pod(new PodAddresses(ip4, ip6), (flags & CAPTURE) != 0);
    }
  }

  private static Optional<InetAddress> address(byte[] bytes) {
    try {
      InetAddress address = InetAddress.getByAddress(bytes);
      return address.isAnyLocalAddress() ? Optional.empty() : Optional.of(address);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] cookie(long cookie) {
    return ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(cookie).array();
  }

  static long cookie(byte[] key) {
    return ByteBuffer.wrap(key).order(ByteOrder.nativeOrder()).getLong();
  }

  /** struct culvert_address: IPv4 as ::ffff:a.b.c.d. */
  static byte[] address(InetAddress ip) {
    if (ip instanceof Inet6Address) {
      return ip.getAddress();
    }
    return ByteBuffer.allocate(16).putShort(10, (short) 0xffff).put(12, ip.getAddress()).array();
  }
}
