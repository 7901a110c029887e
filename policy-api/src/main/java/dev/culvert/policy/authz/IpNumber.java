// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import java.nio.ByteBuffer;

/**
 * An IP address as two longs. IPv4 is held in its v4-mapped form (RFC 4291 section 2.5.5.2), so one
 * comparison serves both families and both ways of writing IPv4.
 */
public record IpNumber(long high, long low) {
  private static final long MAPPED = 0xffffL << 32;

  /** The address in network order, 4 or 16 bytes. */
  public static IpNumber of(byte[] address) {
    ByteBuffer bytes = ByteBuffer.wrap(address);
    if (address.length == 4) {
      return new IpNumber(0, MAPPED | Integer.toUnsignedLong(bytes.getInt()));
    }
    return new IpNumber(bytes.getLong(), bytes.getLong());
  }

  boolean isIpv4() {
    return high == 0 && (low & 0xffff_ffff_0000_0000L) == MAPPED;
  }
}
