// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Optional;

/**
 * A listener of a Gateway.
 *
 * @param port 1 to 65535
 * @param protocol HTTP, HTTPS, TLS, TCP, UDP, HBONE, or one of somebody else's, which has a slash
 * @param hostname in lower case, exact or with the first label {@code *}; empty takes every host
 * @param tls empty for protocols without it
 */
public record GatewayListener(
    String name,
    int port,
    String protocol,
    String hostname,
    Optional<ListenerTls> tls,
    AllowedRoutes allowedRoutes) {
  /** In what two listeners are too much the same. */
  public enum Conflict {
    /** One port cannot be both. */
    PROTOCOL,
    /** Nothing tells whose what comes to the port is. */
    HOSTNAME
  }

  /** Why another listener and this one cannot both be served (Gateway API, distinct listeners). */
  public Optional<Conflict> conflict(GatewayListener other) {
    if (port != other.port) {
      return Optional.empty();
    }
    if (!layer().equals(other.layer())) {
      return Optional.of(Conflict.PROTOCOL);
    }
    if (!hostname.equals(other.hostname)) {
      return Optional.empty();
    }
    return Optional.of(protocol.equals(other.protocol) ? Conflict.HOSTNAME : Conflict.PROTOCOL);
  }

  /** Server names tell HTTPS and TLS apart. */
  private String layer() {
    return protocol.equals("HTTPS") ? "TLS" : protocol;
  }
}
