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
  private static final int MAX_DIGITS = 5;
  private static final int MAX_OCTET = 255;

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
    int colon = text.length() - 1;
    while (colon > 0 && text.charAt(colon) != ':') {
      colon--;
    }
    if (text.length() > MAX_LENGTH || colon <= 0) {
      throw malformed(text);
    }
    boolean bracketed = text.charAt(0) == '[' && text.charAt(colon - 1) == ']';
    byte[] address = bracketed ? ipv6(text, colon) : ipv4(text, colon);
    int port = port(text, colon + 1);
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException e) {
      throw malformed(text);
    }
  }

  private static byte[] ipv6(CharSequence text, int colon) throws MalformedHeaderException {
    String literal = text.subSequence(1, colon - 1).toString();
    // Netty takes brackets and zones too.
    boolean plain = literal.indexOf('[') < 0 && literal.indexOf('%') < 0;
    if (!plain || !NetUtil.isValidIpV6Address(literal)) {
      throw malformed(text);
    }
    return NetUtil.createByteArrayFromIpAddressString(literal);
  }

  /** Four numbers without leading zeros, which some read as octal (RFC 3986 section 3.2.2). */
  private static byte[] ipv4(CharSequence text, int colon) throws MalformedHeaderException {
    byte[] address = new byte[Integer.BYTES];
    int start = 0;
    for (int i = 0; i < address.length; i++) {
      int end = start;
      while (end < colon && text.charAt(end) != '.') {
        end++;
      }
      int number = number(text, start, end);
      boolean last = i == address.length - 1;
      if (number < 0 || number > MAX_OCTET || (end == colon) != last) {
        throw malformed(text);
      }
      address[i] = (byte) number;
      start = end + 1;
    }
    return address;
  }

  private static int port(CharSequence text, int start) throws MalformedHeaderException {
    int port = number(text, start, text.length());
    if (port < 1 || port > MAX_PORT) {
      throw malformed(text);
    }
    return port;
  }

  /** A number in decimal digits, or -1. */
  private static int number(CharSequence text, int start, int end) {
    boolean leadingZero = end - start > 1 && text.charAt(start) == '0';
    if (start >= end || end - start > MAX_DIGITS || leadingZero) {
      return -1;
    }
    int number = 0;
    for (int i = start; i < end; i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      number = number * 10 + digit - '0';
    }
    return number;
  }

  private static MalformedHeaderException malformed(CharSequence text) {
    String shown =
        text.length() > MAX_LENGTH ? text.subSequence(0, MAX_LENGTH) + "..." : text.toString();
    return new MalformedHeaderException(
        ":authority '%s' is not IP:PORT or [IPv6]:PORT".formatted(shown));
  }
}
