// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;

/** Connections of proxies to a control plane on loopback, all on two threads. */
final class Channels implements AutoCloseable {
  private static final int LARGEST_ANSWER = 200 << 20;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final List<ManagedChannel> open = new ArrayList<>();
  private final int port;
  private final SslContext tls;

  Channels(int port, Path root) throws SSLException {
    this.port = port;
    this.tls =
        GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
            .trustManager(root.toFile())
            .protocols("TLSv1.3")
            .build();
  }

  /** One more connection. */
  Channel open() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .eventLoopGroup(loops)
            .channelType(NioSocketChannel.class)
            .directExecutor()
            .sslContext(tls)
            .maxInboundMessageSize(LARGEST_ANSWER)
            .build();
    open.add(channel);
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer any");
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  @Override
  public void close() {
    open.forEach(ManagedChannel::shutdownNow);
    var _ = loops.shutdownGracefully();
  }
}
