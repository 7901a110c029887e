// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.util.NetUtil;

/** The host of a request, with or without a port (RFC 9110, section 7.2). */
final class Authorities {
  private Authorities() {}

  /**
   * In its one form: the dot of the root at its end is taken off, as servers do, so that what is
   * matched and authorized is what they serve.
   *
   * @throws RejectedRequestException when it is no host: user names, paths, spaces, two ports
   */
  static String normal(String authority) throws RejectedRequestException {
    int end = authority.startsWith("[") ? authority.indexOf(']') + 1 : authority.indexOf(':');
    if (end < 0) {
      end = authority.length();
    }
    check(authority, end);
    boolean rooted = end > 1 && authority.charAt(end - 1) == '.';
    return rooted ? authority.substring(0, end - 1) + authority.substring(end) : authority;
  }

  private static void check(String authority, int end) throws RejectedRequestException {
    String host = authority.substring(0, end);
    if (host.startsWith("[") ? !isAddress(host) : !isName(host)) {
      throw new RejectedRequestException("the host is not one");
    }
    if (end < authority.length() && !isPort(authority.substring(end))) {
      throw new RejectedRequestException("the host has a port that is none");
    }
  }

  private static boolean isAddress(String host) {
    return host.length() > 2 && NetUtil.isValidIpV6Address(host.substring(1, host.length() - 1));
  }

  private static boolean isName(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' && c != '~') {
        return false;
      }
    }
    return !host.isEmpty() && !host.equals(".");
  }

  private static boolean isPort(String text) {
    if (!text.startsWith(":") || text.length() < 2 || text.length() > 6) {
      return false;
    }
    int port = 0;
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
      port = port * 10 + c - '0';
    }
    return port > 0 && port <= 65_535;
  }
}
