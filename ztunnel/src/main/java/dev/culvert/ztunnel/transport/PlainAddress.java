// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;

/** Addresses of dual-stack sockets as they are on the wire. */
public final class PlainAddress {
  private PlainAddress() {}

  /** The same address; IPv4 where the socket had it mapped into IPv6. */
  public static InetSocketAddress of(SocketAddress address) {
    InetSocketAddress inet = (InetSocketAddress) address;
    try {
      byte[] bytes = inet.getAddress().getAddress();
      return new InetSocketAddress(InetAddress.getByAddress(bytes), inet.getPort());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of a wrong length: " + address, e);
    }
  }
}
