// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import dev.culvert.policy.spiffe.SpiffeId;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** Connections to judge. */
final class Connections {
  private Connections() {}

  static ConnectionFacts peer(String principal) {
    return connection(Optional.of(SpiffeId.parse("spiffe://" + principal)), "198.18.0.1", 80);
  }

  static ConnectionFacts plaintext() {
    return connection(Optional.empty(), "198.18.0.1", 80);
  }

  static ConnectionFacts fromIp(String ip) {
    return connection(Optional.empty(), ip, 80);
  }

  static ConnectionFacts toPort(int port) {
    return connection(Optional.empty(), "198.18.0.1", port);
  }

  static ConnectionFacts toIp(String ip) {
    return new ConnectionFacts(Optional.empty(), ip("198.18.0.1"), ip(ip), 80);
  }

  private static ConnectionFacts connection(Optional<SpiffeId> source, String ip, int port) {
    return new ConnectionFacts(source, ip(ip), ip("198.18.9.9"), port);
  }

  static InetAddress ip(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(literal, e);
    }
  }
}
