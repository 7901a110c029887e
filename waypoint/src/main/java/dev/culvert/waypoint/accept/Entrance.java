// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whom a port lets in, and who they are: behind load balancers that speak the PROXY protocol, those
 * of whom these tell, and nobody else. Any loop.
 */
public final class Entrance {
  /** Hears of connections that are closed at once. */
  @FunctionalInterface
  public interface Refusals {
    /** One is; on its event loop. */
    void refused(ClientConnection connection, String problem);
  }

  private final Duration patience;
  private final Refusals refusals;
  private volatile @Nullable ProxySources sources;

  /**
   * One of clients that come themselves.
   *
   * @param patience until what a load balancer says must be there
   */
  public Entrance(Duration patience, Refusals refusals) {
    this.patience = patience;
    this.refusals = refusals;
  }

  /**
   * Connections from now on come like this.
   *
   * @param next the load balancers that all come from; empty where clients come themselves
   */
  public void behind(Optional<ProxySources> next) {
    sources = next.orElse(null);
  }

  /** Tells who came, when it is known; on the connection's event loop. */
  void accept(SocketChannel channel, boolean secure, Consumer<ClientConnection> then) {
    ClientConnection connection = ClientConnection.of(channel, secure);
    ProxySources balancers = sources;
    if (balancers == null) {
      then.accept(connection);
    } else if (balancers.contain(connection.peer().getAddress())) {
      ProxyHeader.await(channel, connection, patience, refusals, then);
    } else {
      refusals.refused(connection, "it is none of the port's load balancers");
      var _ = channel.close();
    }
  }
}
