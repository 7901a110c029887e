// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

/**
 * A block of addresses as numbers. A block of IPv6 never holds an IPv4 address, not even ::/0: the
 * v4-mapped form is only how sockets write IPv4.
 */
public record Cidr(long high, long low, long maskHigh, long maskLow, boolean ipv4) {

  /** The block around {@code address} (4 or 16 bytes); bits after the prefix are ignored. */
  public static Cidr of(byte[] address, int prefix) {
    IpNumber number = IpNumber.of(address);
    int length = address.length == 4 ? prefix + 96 : prefix;
    long maskHigh = mask(Math.min(length, 64));
    long maskLow = mask(Math.max(length - 64, 0));
    return new Cidr(
        number.high() & maskHigh,
        number.low() & maskLow,
        maskHigh,
        maskLow,
        number.isIpv4() && length >= 96);
  }

  /** Whether the address is one of it. */
  public boolean contains(IpNumber ip) {
    return ip.isIpv4() == ipv4 && (ip.high() & maskHigh) == high && (ip.low() & maskLow) == low;
  }

  /** The first {@code bits} of 64; a shift by 64 would be a shift by 0. */
  private static long mask(int bits) {
    return bits == 0 ? 0 : -1L << (64 - bits);
  }
}
