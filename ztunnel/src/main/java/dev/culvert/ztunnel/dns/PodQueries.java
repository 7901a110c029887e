// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.zds.Pod;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queries of one pod on one socket. What is no query is dropped without a word. */
final class PodQueries extends SimpleChannelInboundHandler<DatagramPacket> {
  private static final Logger LOG = LoggerFactory.getLogger(PodQueries.class);
  private static final int IPV4_BYTES = 4;

  private final Pod pod;
  private final MeshState mesh;
  private final MeshNames names;
  private final UpstreamSockets sockets;
  private final List<InetSocketAddress> resolvers;
  private final DnsProxy.Counters counters;
  private Forwarder forwarder;

  PodQueries(
      Pod pod,
      MeshState mesh,
      MeshNames names,
      UpstreamSockets sockets,
      List<InetSocketAddress> resolvers,
      DnsProxy.Counters counters) {
    this.pod = pod;
    this.mesh = mesh;
    this.names = names;
    this.sockets = sockets;
    this.resolvers = resolvers;
    this.counters = counters;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
    Optional<DnsQuery> query = DnsQuery.read(packet.content());
    if (query.isEmpty()) {
      LOG.debug("pod {}: dropped {} bytes that are no query", pod.uid(), packet.content());
      return;
    }
    counters.requests().increment();
    answer(ctx, query.get(), packet);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (forwarder != null) {
      forwarder.close();
    }
    ctx.fireChannelInactive();
  }

  /** A client that is gone is told by an ICMP error: nothing to do about it. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("pod {}: {}", pod.uid(), cause.toString());
  }

  private void answer(ChannelHandlerContext ctx, DnsQuery query, DatagramPacket packet) {
    if (mesh.workload(pod.namespace(), pod.name()).isEmpty()) {
      // Without a view of the mesh a resolver's "no such name" could be wrong, and be cached.
      send(ctx, packet, DnsAnswer.error(ctx.alloc(), query, DnsAnswer.SERVFAIL));
      return;
    }
    Optional<MeshNames.Found> known =
        query.asksForAddress() ? names.lookUp(pod.namespace(), query.name()) : Optional.empty();
    if (known.isPresent()) {
      String hostname = known.get().hostname();
      List<InetAddress> addresses = ofFamily(query.type(), known.get().addresses());
      send(ctx, packet, DnsAnswer.addresses(ctx.alloc(), query, hostname, addresses));
    } else {
      forward(ctx, query, packet);
    }
  }

  private void forward(ChannelHandlerContext ctx, DnsQuery query, DatagramPacket packet) {
    if (resolvers.isEmpty()) {
      send(ctx, packet, DnsAnswer.error(ctx.alloc(), query, DnsAnswer.REFUSED));
      return;
    }
    if (forwarder == null) {
      forwarder = new Forwarder(ctx.channel().eventLoop(), sockets, resolvers);
    }
    counters.forwarded().increment();
    InetSocketAddress client = packet.sender();
    forwarder.forward(
        query,
        packet.content(),
        answer -> {
          if (answer == null) {
            counters.unanswered().increment();
          }
          ByteBuf out =
              answer == null ? DnsAnswer.error(ctx.alloc(), query, DnsAnswer.SERVFAIL) : answer;
          var _ = ctx.writeAndFlush(new DatagramPacket(out, client));
        });
  }

  /** In another order each time, so that clients that take the first spread. */
  private static List<InetAddress> ofFamily(int type, List<InetAddress> addresses) {
    boolean v4 = type == DnsQuery.TYPE_A;
    List<InetAddress> own = new ArrayList<>();
    for (InetAddress address : addresses) {
      if (v4 == (address.getAddress().length == IPV4_BYTES)) {
        own.add(address);
      }
    }
    Collections.shuffle(own);
    return own;
  }

  private static void send(ChannelHandlerContext ctx, DatagramPacket to, ByteBuf answer) {
    var _ = ctx.writeAndFlush(new DatagramPacket(answer, to.sender()));
  }
}
