// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** The {@code :authority} of a CONNECT: an IP address, IPv6 in brackets, and a port. */
public final class Authority {
  /** An IPv6 address of 45 characters, brackets, colon and port, rounded up. */
  private static final int MAX_LENGTH = 64;

  private static final int MAX_PORT = 65535;

  private Authority() {}

  /** Writes an address; {@code [fd00::1]:80} for IPv6. */
  public static String format(InetSocketAddress address) {
    return NetUtil.toSocketAddressString(address);
  }

  /**
   * Reads an authority. Never asks DNS.
   *
   * @throws MalformedHeaderException when it is not {@code ip:port} with a port from 1 to 65535
   */
  public static InetSocketAddress parse(CharSequence text) throws MalformedHeaderException {
    String authority = text.toString();
    int colon = authority.lastIndexOf(':');
    if (authority.length() > MAX_LENGTH || colon <= 0) {
      throw malformed(authority);
    }
    return new InetSocketAddress(
        address(authority, authority.substring(0, colon)),
        port(authority, authority.substring(colon + 1)));
  }

  private static InetAddress address(String authority, String host)
      throws MalformedHeaderException {
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    String literal = bracketed ? host.substring(1, host.length() - 1) : host;
    boolean valid =
        bracketed
            ? NetUtil.isValidIpV6Address(literal) && literal.indexOf('%') < 0
            : NetUtil.isValidIpV4Address(literal);
    if (!valid) {
      throw malformed(authority);
    }
    try {
      return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(literal));
    } catch (UnknownHostException e) {
      throw malformed(authority);
    }
  }

  private static int port(String authority, String digits) throws MalformedHeaderException {
    int port = 0;
    for (int i = 0; i < digits.length(); i++) {
      char digit = digits.charAt(i);
      if (digit < '0' || digit > '9') {
        throw malformed(authority);
      }
      port = Math.min(port * 10 + digit - '0', MAX_PORT + 1);
    }
    if (port == 0 || port > MAX_PORT) {
      throw malformed(authority);
    }
    return port;
  }

  private static MalformedHeaderException malformed(String authority) {
    String shown =
        authority.length() > MAX_LENGTH ? authority.substring(0, MAX_LENGTH) + "..." : authority;
    return new MalformedHeaderException(
        ":authority '%s' is not IP:PORT or [IPv6]:PORT".formatted(shown));
  }
}
