// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sends one pod's queries to the resolvers, each next one asked when the last stays silent. One
 * socket lives as long as there are queries, so its port changes with every lull; ids are random.
 * On the loop of the pod's listener.
 */
final class Forwarder {
  private static final int MAX_PENDING = 1024;
  private static final long PATIENCE_MILLIS = 2_000;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final EventLoop loop;
  private final UpstreamSockets sockets;
  private final List<InetSocketAddress> resolvers;
  private final Map<Integer, Pending> pending = new HashMap<>();
  private ChannelFuture socket;

  Forwarder(EventLoop loop, UpstreamSockets sockets, List<InetSocketAddress> resolvers) {
    this.loop = loop;
    this.sockets = sockets;
    this.resolvers = List.copyOf(resolvers);
  }

  /**
   * Forwards a query.
   *
   * @param packet the whole query; not kept
   * @param answered gets the answer with the query's own id, which it releases; or null when no
   *     resolver answered
   */
  void forward(DnsQuery query, ByteBuf packet, Consumer<ByteBuf> answered) {
    if (pending.size() >= MAX_PENDING) {
      answered.accept(null);
      return;
    }
    int id = freeId();
    Pending one = new Pending(id, query, ByteBufUtil.getBytes(packet), answered);
    pending.put(id, one);
    if (socket == null) {
      socket = sockets.open(loop, new Answers());
    }
    one.ask();
  }

  void close() {
    List.copyOf(pending.values()).forEach(one -> one.finish(null));
  }

  private int freeId() {
    int id = RANDOM.nextInt(0x10000);
    while (pending.containsKey(id)) {
      id = RANDOM.nextInt(0x10000);
    }
    return id;
  }

  private void closeIdle() {
    if (pending.isEmpty() && socket != null) {
      var _ = socket.addListener(ChannelFutureListener.CLOSE);
      socket = null;
    }
  }

  /** A dual-stack socket tells an IPv4 sender as a v4-mapped IPv6 address. */
  private static boolean same(InetSocketAddress asked, InetSocketAddress from) {
    try {
      return asked.getPort() == from.getPort()
          && asked.getAddress().equals(InetAddress.getByAddress(from.getAddress().getAddress()));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of a wrong length: " + from, e);
    }
  }

  /** One query that waits for an answer. */
  private final class Pending {
    private final int id;
    private final DnsQuery query;
    private final byte[] packet;
    private final Consumer<ByteBuf> answered;
    private int attempt;
    private Future<?> patience;

    Pending(int id, DnsQuery query, byte[] packet, Consumer<ByteBuf> answered) {
      this.id = id;
      this.query = query;
      this.packet = packet;
      this.answered = answered;
    }

    void ask() {
      if (attempt == resolvers.size()) {
        finish(null);
        return;
      }
      InetSocketAddress resolver = resolvers.get(attempt++);
      patience = loop.schedule(this::ask, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      var _ = socket.addListener((ChannelFuture open) -> send(open, resolver));
    }

    boolean matches(InetSocketAddress from, ByteBuf answer) {
      byte[] question = query.question();
      int end = DnsQuery.HEADER + question.length;
      return resolvers.subList(0, attempt).stream().anyMatch(asked -> same(asked, from))
          && answer.readableBytes() >= end
          && Arrays.equals(
              question,
              ByteBufUtil.getBytes(
                  answer, answer.readerIndex() + DnsQuery.HEADER, question.length));
    }

    void finish(ByteBuf answer) {
      if (!pending.remove(id, this)) {
        return;
      }
      patience.cancel(false);
      if (answer != null) {
        answer.setShort(answer.readerIndex(), query.id());
      }
      answered.accept(answer);
      closeIdle();
    }

    /** Without a route there is nothing to wait for. */
    private void unreachable(InetSocketAddress resolver) {
      if (pending.get(id) == this && resolvers.get(attempt - 1).equals(resolver)) {
        patience.cancel(false);
        ask();
      }
    }

    private void send(ChannelFuture open, InetSocketAddress resolver) {
      if (!open.isSuccess()) {
        loop.execute(() -> finish(null));
        return;
      }
      Channel channel = open.channel();
      ByteBuf copy = channel.alloc().buffer(packet.length).writeBytes(packet);
      copy.setShort(0, id);
      var _ =
          channel
              .writeAndFlush(new DatagramPacket(copy, resolver))
              .addListener(
                  sent -> {
                    if (!sent.isSuccess()) {
                      loop.execute(() -> unreachable(resolver));
                    }
                  });
    }
  }

  private final class Answers extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
      ByteBuf answer = packet.content();
      if (answer.readableBytes() < DnsQuery.HEADER) {
        return;
      }
      Pending one = pending.get(answer.getUnsignedShort(answer.readerIndex()));
      if (one != null && one.matches(packet.sender(), answer)) {
        one.finish(answer.retain());
      }
    }

    /** An ICMP error says no more than silence: the next resolver is asked in time. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}
  }
}
