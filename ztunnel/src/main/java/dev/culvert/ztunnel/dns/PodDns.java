// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.transport.TcpHalf;
import io.netty.channel.ChannelHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/** What answers the DNS of one pod. */
public interface PodDns {
  /** A handler for one datagram channel, bound to port 15053 in the pod's namespace. */
  ChannelHandler datagrams();

  /** Whether connections to port 53 are for it; those to other ports never are. */
  boolean takesConnections();

  /**
   * Takes a captured connection over that was just accepted; on its event loop.
   *
   * @param asked the resolver that the pod wanted to connect to
   */
  void accept(TcpHalf client, InetSocketAddress asked);

  /** Done at the first moment from now on at which nothing waits for a resolver. Any thread. */
  CompletableFuture<Void> idle();

  /** Gives up what still waits for a resolver; connections stay until their end. */
  void close();
}
