// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

/**
 * How much of a connection's bytes the kernel sends as one packet, to a card or to another
 * namespace. One that is told more sends the rest as a small packet of its own, which costs both
 * ends nearly what the large one does.
 */
public final class WholePacket {
  /**
   * Bytes of a connection that, with the frame's head and those of the TLS records around them,
   * fill such a packet and never begin a second one: with Ethernet's 1,500 bytes, with an overlay's
   * less, with jumbo frames of 9,000 over IPv4, and on a pod's loopback. One KiB more and those
   * have a rest; over IPv6, and with Google's 8,896, they have one of less than a segment even so.
   */
  public static final int BYTES = 61 * 1024;

  private WholePacket() {}
}
