// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** {@code ADDRESS:PORT}, an IPv6 address in brackets; no names, which could mean several. */
final class ListenAddress {
  private ListenAddress() {}

  static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("write ADDRESS:PORT, such as 127.0.0.1:15012");
    }
    return new InetSocketAddress(
        address(text.substring(0, colon)), port(text.substring(colon + 1)));
  }

  private static InetAddress address(String text) {
    boolean bracketed = text.startsWith("[") && text.endsWith("]");
    if (text.contains(":") && !bracketed) {
      throw new IllegalArgumentException("write an IPv6 address in brackets, such as [::1]:15012");
    }
    return InetAddress.ofLiteral(bracketed ? text.substring(1, text.length() - 1) : text);
  }

  private static int port(String text) {
    int port = Integer.parseInt(text);
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("a port is 0 to 65535");
    }
    return port;
  }
}
