// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import java.net.InetSocketAddress;

/**
 * What a CONNECT asks for: {@code ip:port}, or from another network {@code host:port} of a service.
 */
final class ConnectTarget {
  /** RFC 1035 2.3.4. */
  private static final int MAX_HOSTNAME = 255;

  private static final int MAX_PORT = 65535;

  private ConnectTarget() {}

  /**
   * Reads the authority of a request. Never asks DNS.
   *
   * @return unresolved for a host name
   * @throws MalformedHeaderException when it is neither of the two
   */
  static InetSocketAddress parse(CharSequence text) throws MalformedHeaderException {
    int colon = hostnameEnd(text);
    if (colon < 0) {
      return Authority.parse(text);
    }
    return InetSocketAddress.createUnresolved(
        text.subSequence(0, colon).toString(), port(text, colon + 1));
  }

  /** Where a host name's colon is; -1 without a letter before it, as an address is not a name. */
  private static int hostnameEnd(CharSequence text) {
    boolean letter = false;
    for (int i = 0; i < Math.min(text.length(), MAX_HOSTNAME + 1); i++) {
      char c = text.charAt(i);
      if (c == ':') {
        return letter ? i : -1;
      }
      boolean isLetter = c >= 'a' && c <= 'z';
      letter |= isLetter;
      if (!isLetter && c != '-' && c != '.' && (c < '0' || c > '9')) {
        return -1;
      }
    }
    return -1;
  }

  private static int port(CharSequence text, int from) throws MalformedHeaderException {
    int port = 0;
    for (int i = from; i < text.length(); i++) {
      char digit = text.charAt(i);
      boolean isDigit = digit >= '0' && digit <= '9';
      port = isDigit ? Math.min(port * 10 + digit - '0', MAX_PORT + 1) : MAX_PORT + 1;
    }
    if (port == 0 || port > MAX_PORT) {
      throw new MalformedHeaderException(":authority names a host, but no port from 1 to 65535");
    }
    return port;
  }
}
