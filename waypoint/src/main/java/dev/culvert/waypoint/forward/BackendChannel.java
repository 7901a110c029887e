// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.Target;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes a connection to an endpoint of a channel that is open from the start, such as a stream of a
 * tunnel: what it begins with, and TLS in it where that is asked for. On the channel's event loop.
 */
public final class BackendChannel {
  private BackendChannel() {}

  /**
   * Opens one.
   *
   * @param handler of who uses it
   * @param opening makes the channel, which gets that handler and calls it before it returns
   * @param promise done when the endpoint can be spoken to, or never will be
   */
  public static void open(
      Target target,
      ChannelHandler handler,
      Function<ChannelHandler, ? extends Channel> opening,
      Promise<Channel> promise) {
    if (target.tls().isEmpty()) {
      promise.setSuccess(opening.apply(ProxyGreeting.before(handler, target)));
      return;
    }
    Securing securing = new Securing(target, target.tls().get(), handler);
    Channel channel = opening.apply(ProxyGreeting.before(securing, target));
    securing.handshake().settle(channel, promise);
  }

  /** This end of it, or of the tunnel that it is in; null where that has no address. */
  static @Nullable InetSocketAddress local(Channel channel) {
    for (Channel one = channel; one != null; one = one.parent()) {
      if (one.localAddress() instanceof InetSocketAddress address) {
        return address;
      }
    }
    return null;
  }

  /** Comes after the header, which is sent in plaintext. */
  private static final class Securing extends ChannelInitializer<Channel> {
    private final Target target;
    private final BackendTls tls;
    private final ChannelHandler handler;
    private @Nullable BackendHandshake handshake;

    Securing(Target target, BackendTls tls, ChannelHandler handler) {
      this.target = target;
      this.tls = tls;
      this.handler = handler;
    }

    @Override
    protected void initChannel(Channel channel) {
      channel.pipeline().addLast(handler);
      handshake = BackendHandshake.on(channel, target, tls);
    }

    BackendHandshake handshake() {
      return Objects.requireNonNull(handshake, "its channel is not registered");
    }
  }
}
