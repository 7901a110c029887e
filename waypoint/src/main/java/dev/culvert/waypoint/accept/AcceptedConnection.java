// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.policy.spiffe.SpiffeId;
import io.netty.channel.Channel;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** A connection that a listener took, before it is known what it speaks. */
final class AcceptedConnection {
  private final AcceptSettings settings;
  private final ExchangeStarter exchanges;
  private final BooleanSupplier draining;
  private ClientConnection connection;

  AcceptedConnection(
      AcceptSettings settings,
      ExchangeStarter exchanges,
      BooleanSupplier draining,
      ClientConnection connection) {
    this.settings = settings;
    this.exchanges = exchanges;
    this.draining = draining;
    this.connection = connection;
  }

  /** What a handshake told of its client. */
  void secured(Optional<String> serverName, Optional<SpiffeId> identity) {
    connection = connection.secured(serverName, identity);
  }

  ClientConnection connection() {
    return connection;
  }

  AcceptSettings settings() {
    return settings;
  }

  void http1(Channel channel) {
    Http1Client.install(channel, connection, settings, exchanges, draining);
  }

  void http2(Channel channel) {
    Http2Client.install(channel, connection, settings, exchanges);
  }
}
