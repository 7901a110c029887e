// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;

/**
 * A block of addresses.
 *
 * @param prefix 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record IpBlock(InetAddress address, int prefix) {
  private static final int MAPPED_BITS = 96;

  /**
   * Reads an address or a CIDR block. IPv4 written as v4-mapped IPv6 is IPv4.
   *
   * @throws InvalidValueException when the text is neither
   */
  public static IpBlock parse(String text) {
    int slash = text.indexOf('/');
    String literal = slash < 0 ? text : text.substring(0, slash);
    InetAddress address = Literals.ip(literal);
    int bits = address.getAddress().length * 8;
    if (slash < 0) {
      return new IpBlock(address, bits);
    }
    int unmapped = bits == 32 && literal.contains(":") ? MAPPED_BITS : 0;
    return new IpBlock(address, prefix(text, slash, unmapped, bits));
  }

  /** One address. */
  public static IpBlock of(InetAddress address) {
    return new IpBlock(address, address.getAddress().length * 8);
  }

  /** Whether it is more than one address. */
  public boolean isRange() {
    return prefix < address.getAddress().length * 8;
  }

  private static int prefix(String text, int slash, int unmapped, int bits) {
    String digits = text.substring(slash + 1);
    int prefix = digits.matches("[0-9]{1,3}") ? Integer.parseInt(digits) - unmapped : -1;
    if (prefix < 0 || prefix > bits) {
      throw new InvalidValueException(
          "'%s' has no usable prefix length".formatted(text),
          "write %d to %d after the slash".formatted(unmapped, unmapped + bits));
    }
    return prefix;
  }

  /** {@code ADDRESS/PREFIX}. */
  @Override
  public String toString() {
    return address.getHostAddress() + "/" + prefix;
  }
}
