// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.telemetry.TlsSession;
import dev.culvert.ztunnel.transport.Half;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.net.InetSocketAddress;
import java.util.Optional;

/** A CONNECT that a peer asks for and that waits for its answer. On the tunnel's event loop. */
public final class InboundConnect {
  /** The request was understood but cannot be meant for this pod. */
  public static final int BAD_REQUEST = 400;

  /** Policy denies it. */
  public static final int DENIED = 401;

  /** The app could not be reached. */
  public static final int UNREACHABLE = 503;

  private final ServerTunnel tunnel;
  private final HboneStream half;
  private final InetSocketAddress target;
  private final CharSequence baggage;
  private final Forwarded forwarded;
  private final Optional<String> network;

  InboundConnect(
      ServerTunnel tunnel, HboneStream half, InetSocketAddress target, Http2Headers headers) {
    this.tunnel = tunnel;
    this.half = half;
    this.target = target;
    this.baggage = headers.get("baggage");
    this.forwarded = Forwarded.parse(headers.get("forwarded"));
    this.network =
        Optional.ofNullable(headers.get("x-forwarded-network")).map(CharSequence::toString);
  }

  /** The network that the peer says it is in; empty when it says nothing. */
  public Optional<String> network() {
    return network;
  }

  /** The address asked for, or the unresolved host name of a service. */
  public InetSocketAddress target() {
    return target;
  }

  /** What the peer says of itself; read when asked, because it seldom is. */
  public Baggage baggage() {
    return Baggage.parse(baggage);
  }

  /** The client in front of the tunnel. */
  public Forwarded forwarded() {
    return forwarded;
  }

  /** What protects the tunnel it came in. */
  public Optional<TlsSession> tls() {
    return half.tls();
  }

  /** Whether the peer gave up. */
  public boolean isGone() {
    return half.isBroken();
  }

  /**
   * Answers that the app is connected; the stream is to be relayed at once.
   *
   * @param baggage what the destination says of itself
   */
  public Half accept(String baggage) {
    tunnel.respond(
        half, new DefaultHttp2Headers(false).status("200").add("baggage", baggage), false);
    return half;
  }

  /**
   * Answers the same; the stream becomes a connection of its own on the tunnel's event loop.
   *
   * @param baggage what the destination says of itself
   * @param handler takes it, before anything is read
   */
  public Channel accept(String baggage, ChannelHandler handler) {
    var _ = accept(baggage);
    return StreamChannel.open(half, handler);
  }

  /** Answers that there will be no connection. */
  public void refuse(int status) {
    tunnel.refuse(half, status);
  }
}
