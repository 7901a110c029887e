// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Reads where queries go that the mesh does not answer. */
public final class Resolvers {
  private static final int DNS_PORT = 53;
  private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
  private static final String NAMESERVER = "nameserver";

  private Resolvers() {}

  /**
   * Reads addresses separated by commas: {@code 10.0.0.10}, {@code 10.0.0.10:5353}, {@code
   * [fd00::a]:53}.
   *
   * @throws IllegalArgumentException when one is no address
   */
  public static List<InetSocketAddress> parse(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::strip).map(Resolvers::one).toList();
  }

  /** The nameservers of this machine's /etc/resolv.conf; none when it cannot be read. */
  public static List<InetSocketAddress> ofThisMachine() {
    try {
      return nameservers(Files.readAllLines(RESOLV_CONF));
    } catch (IOException e) {
      return List.of();
    }
  }

  static List<InetSocketAddress> nameservers(List<String> lines) {
    return lines.stream()
        .map(line -> line.strip().split("\\s+", 3))
        .filter(words -> words.length >= 2 && words[0].equals(NAMESERVER))
        .filter(words -> isAddress(words[1]))
        .map(words -> new InetSocketAddress(address(words[1]), DNS_PORT))
        .toList();
  }

  private static InetSocketAddress one(String text) {
    if (isAddress(text)) {
      return new InetSocketAddress(address(text), DNS_PORT);
    }
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon).replaceAll("^\\[|\\]$", "");
    if (!isAddress(host)) {
      throw new IllegalArgumentException(
          "'%s' is no address with or without a port".formatted(text));
    }
    return new InetSocketAddress(address(host), Integer.parseInt(text.substring(colon + 1)));
  }

  private static boolean isAddress(String text) {
    return NetUtil.isValidIpV4Address(text) || NetUtil.isValidIpV6Address(text);
  }

  private static InetAddress address(String text) {
    return InetAddress.ofLiteral(text);
  }
}
