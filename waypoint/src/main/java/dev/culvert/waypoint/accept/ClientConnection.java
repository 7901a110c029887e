// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.observe.Party;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What is known of the connection that a request came in.
 *
 * @param loop everything of the connection happens on it
 * @param peer the client
 * @param local the address that the client connected to
 * @param identity what the client proved to be
 * @param secure whether it came through TLS
 * @param serverName the name asked for in the TLS handshake (SNI), in lower case
 * @param source what telemetry says of the client; a claim in part, never a reason to allow
 */
public record ClientConnection(
    EventLoop loop,
    InetSocketAddress peer,
    InetSocketAddress local,
    Optional<SpiffeId> identity,
    boolean secure,
    Optional<String> serverName,
    Party source) {

  /** One of a client of which no more is known than its address. */
  public ClientConnection(
      EventLoop loop,
      InetSocketAddress peer,
      InetSocketAddress local,
      Optional<SpiffeId> identity,
      boolean secure,
      Optional<String> serverName) {
    this(loop, peer, local, identity, secure, serverName, Party.UNKNOWN);
  }
}
