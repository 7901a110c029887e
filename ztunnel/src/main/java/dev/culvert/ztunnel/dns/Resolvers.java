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

  /** The second is where systemd-resolved writes whom it asks itself. */
  private static final List<Path> RESOLV_CONFS =
      List.of(Path.of("/etc/resolv.conf"), Path.of("/run/systemd/resolve/resolv.conf"));

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

  /**
   * The nameservers of this machine that pods can ask, which excludes one on its loopback; none
   * when there is no such.
   */
  public static List<InetSocketAddress> ofThisMachine() {
    return ofFiles(RESOLV_CONFS);
  }

  /** Those of the first file that names any. */
  static List<InetSocketAddress> ofFiles(List<Path> files) {
    for (Path file : files) {
      List<InetSocketAddress> found = read(file);
      if (!found.isEmpty()) {
        return found;
      }
    }
    return List.of();
  }

  private static List<InetSocketAddress> read(Path file) {
    try {
      return nameservers(Files.readAllLines(file));
    } catch (IOException e) {
      return List.of();
    }
  }

  static List<InetSocketAddress> nameservers(List<String> lines) {
    return lines.stream()
        .map(line -> line.strip().split("\\s+", 3))
        .filter(words -> words.length >= 2 && words[0].equals(NAMESERVER))
        .filter(words -> isAddress(words[1]))
        .map(words -> address(words[1]))
        .filter(address -> !address.isLoopbackAddress())
        .map(address -> new InetSocketAddress(address, DNS_PORT))
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
