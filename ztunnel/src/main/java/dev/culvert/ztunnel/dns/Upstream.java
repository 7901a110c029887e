// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.transport.Half;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;

/** The ways from inside a pod's network namespace to resolvers. On the loop that each is given. */
public interface Upstream {
  /**
   * A UDP socket of any port that hears nobody but the resolver, marked so that its own query is
   * not captured again. The caller closes it.
   *
   * @param handler receives {@link io.netty.channel.socket.DatagramPacket}s
   */
  ChannelFuture datagrams(EventLoop loop, InetSocketAddress resolver, ChannelHandler handler);

  /**
   * A TCP connection as any other that the pod opens, in a tunnel where the resolver has one.
   *
   * @param client started when the resolver is reached, reset when it is not
   */
  void connect(EventLoop loop, InetSocketAddress resolver, Half client);
}
