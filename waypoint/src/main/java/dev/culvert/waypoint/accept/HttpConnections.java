// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Clients' connections that somebody accepted, of a port or out of a tunnel, until they are
 * drained.
 */
public final class HttpConnections {
  /** What may wait in user space for a slow reader, before its sender is not read any more. */
  static final WriteBufferWaterMark WAITING = new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private static final long FORCED_MILLIS = 1000;
  private static final AttributeKey<Boolean> LEAVING =
      AttributeKey.valueOf(HttpConnections.class, "leaving");

  private final AcceptSettings settings;
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private volatile boolean draining;

  public HttpConnections(AcceptSettings settings) {
    this.settings = settings;
  }

  /**
   * Takes a connection that speaks HTTP without TLS, of either version, and has no handlers yet. On
   * its event loop.
   */
  public void accept(Channel channel, ClientConnection connection, ExchangeStarter exchanges) {
    AcceptedConnection accepted = begin(channel, connection, exchanges);
    if (accepted != null) {
      channel.config().setWriteBufferWaterMark(WAITING);
      channel.pipeline().addLast("detection", new ProtocolDetection(accepted));
    }
  }

  /** The same for one that begins with TLS. */
  void acceptTls(
      Channel channel, ClientConnection connection, ExchangeStarter exchanges, ServerNames tls) {
    AcceptedConnection accepted = begin(channel, connection, exchanges);
    if (accepted != null) {
      channel
          .pipeline()
          .addLast("tls", new TlsEntrance(tls))
          .addLast("handshake", new TlsHandshake(accepted));
    }
  }

  private @Nullable AcceptedConnection begin(
      Channel channel, ClientConnection connection, ExchangeStarter exchanges) {
    open.add(channel);
    if (draining) {
      var _ = channel.close();
      return null;
    }
    return new AcceptedConnection(
        settings, exchanges, () -> draining || channel.hasAttr(LEAVING), connection);
  }

  /** Lets one of them end with what is under way on it. Any thread. */
  public void drain(Channel channel) {
    channel.attr(LEAVING).set(true);
    channel.pipeline().fireUserEventTriggered(Drain.BEGIN);
  }

  /** How many are open now. */
  public int size() {
    return open.size();
  }

  /** Takes no more, and lets each end with what is under way on it. */
  public void drain() {
    draining = true;
    open.forEach(one -> one.pipeline().fireUserEventTriggered(Drain.BEGIN));
  }

  /** Waits until all ended, and closes what is still open after a time. */
  public void close(Duration grace) {
    if (!open.newCloseFuture().awaitUninterruptibly(grace.toMillis())) {
      // Past handlers that would wait for what is under way.
      open.forEach(
          one -> one.eventLoop().execute(() -> one.unsafe().close(one.unsafe().voidPromise())));
      open.newCloseFuture().awaitUninterruptibly(FORCED_MILLIS);
    }
  }
}
