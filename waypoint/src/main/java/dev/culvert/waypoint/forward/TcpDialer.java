// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.plan.Target;
import dev.culvert.ztunnel.transport.Transport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.Optional;

/** TCP from the process' own network namespace, with TLS in it where that is asked for. */
public final class TcpDialer implements Dialer {
  private static final WriteBufferWaterMark WAITING =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private final Transport transport;
  private final Duration timeout;

  public TcpDialer(Transport transport, Duration timeout) {
    this.transport = transport;
    this.timeout = timeout;
  }

  @Override
  public Future<Channel> dial(EventLoop loop, Target target, ChannelHandler handler) {
    Promise<Channel> promise = loop.newPromise();
    SocketChannel channel = transport.plainSocket();
    channel
        .config()
        .setConnectTimeoutMillis(Math.toIntExact(timeout(target).toMillis()))
        .setKeepAlive(true)
        .setWriteBufferWaterMark(WAITING);
    channel.pipeline().addLast(handler);
    Optional<BackendHandshake> tls =
        target.tls().map(one -> BackendHandshake.on(channel, target, one));
    ProxyGreeting.on(channel, target);
    loop.register(channel)
        .addListener(
            (ChannelFuture registered) -> {
              if (registered.isSuccess()) {
                channel
                    .connect(target.address())
                    .addListener(done -> settle(done, channel, tls, promise));
              } else {
                channel.unsafe().closeForcibly();
                promise.setFailure(registered.cause());
              }
            });
    return promise;
  }

  private Duration timeout(Target target) {
    return target.bounds().limits().connectTimeout().orElse(timeout);
  }

  private static void settle(
      Future<?> done, Channel channel, Optional<BackendHandshake> tls, Promise<Channel> promise) {
    if (!done.isSuccess()) {
      promise.setFailure(done.cause());
    } else if (tls.isPresent()) {
      tls.get().settle(channel, promise);
    } else {
      promise.setSuccess(channel);
    }
  }
}
