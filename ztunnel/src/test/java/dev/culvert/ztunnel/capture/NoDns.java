// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.ztunnel.dns.PodDns;
import dev.culvert.ztunnel.transport.TcpHalf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/** Answers nothing. */
final class NoDns implements PodDns {
  @Override
  public ChannelHandler datagrams() {
    return new ChannelInboundHandlerAdapter();
  }

  @Override
  public boolean takesConnections() {
    return false;
  }

  @Override
  public void accept(TcpHalf client, InetSocketAddress asked) {
    client.reset();
  }

  @Override
  public CompletableFuture<Void> idle() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {}
}
