// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.peers.OutcomeMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.Relay;
import dev.culvert.ztunnel.transport.TcpConnections;
import dev.culvert.ztunnel.transport.TcpHalf;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The way to resolvers on loopback. */
final class LoopbackUpstream implements Upstream {
  private final List<Outcome> ended = new CopyOnWriteArrayList<>();

  /** How the TCP connections ended. */
  List<Outcome> ended() {
    return ended;
  }

  @Override
  public ChannelFuture datagrams(
      EventLoop loop, InetSocketAddress resolver, ChannelHandler handler) {
    return new Bootstrap()
        .group(loop)
        .channel(NioDatagramChannel.class)
        .handler(handler)
        .connect(resolver);
  }

  @Override
  public void connect(EventLoop loop, InetSocketAddress resolver, Half client) {
    NioSocketChannel channel = new NioSocketChannel();
    TcpHalf server = new TcpHalf(channel, active -> {});
    TcpConnections.connect(loop, channel, resolver, Duration.ofSeconds(10), server)
        .addListener(
            done -> {
              if (done.isSuccess()) {
                Relay.start(client, server, new OutcomeMeter(ended::add), () -> {});
              } else {
                client.reset();
              }
            });
  }
}
