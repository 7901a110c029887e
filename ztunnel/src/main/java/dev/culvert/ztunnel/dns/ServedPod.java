// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.transport.TcpHalf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The DNS of one pod, over UDP and TCP. */
final class ServedPod implements PodDns {
  private static final int LENGTH_BYTES = 2;

  /** What may wait for a slow reader before no more queries of it are read. */
  private static final WriteBufferWaterMark WAITING = new WriteBufferWaterMark(16 << 10, 64 << 10);

  private final PodResolver resolver;
  private final PodLimits limits;
  private final DnsSettings settings;

  ServedPod(PodResolver resolver, PodLimits limits, DnsSettings settings) {
    this.resolver = resolver;
    this.limits = limits;
    this.settings = settings;
  }

  @Override
  public ChannelHandler datagrams() {
    return new DatagramQueries(resolver);
  }

  @Override
  public boolean takesConnections() {
    return settings.answersNames();
  }

  @Override
  public void accept(TcpHalf client, InetSocketAddress asked) {
    if (!limits.beginConnection()) {
      client.reset();
      return;
    }
    SocketChannel channel = client.channel();
    channel.closeFuture().addListener(closed -> limits.endConnection());
    channel.config().setWriteBufferWaterMark(WAITING);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(
        new LengthFieldBasedFrameDecoder(
            DnsMessage.MAX_BYTES + LENGTH_BYTES, 0, LENGTH_BYTES, 0, LENGTH_BYTES),
        // Behind the decoder: bytes that become no message do not keep a connection open.
        new IdleStateHandler(0, 0, settings.idle().toNanos(), TimeUnit.NANOSECONDS),
        new StreamQueries(resolver, limits, asked));
    pipeline.remove(client);
    channel.config().setAutoRead(true);
  }

  @Override
  public CompletableFuture<Void> idle() {
    CompletableFuture<Void> idle = new CompletableFuture<>();
    resolver.loop().execute(() -> resolver.whenIdle(() -> idle.complete(null)));
    return idle;
  }

  @Override
  public void close() {
    resolver.loop().execute(resolver::close);
  }
}
