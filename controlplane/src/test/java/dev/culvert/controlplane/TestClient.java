// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc.IstioCertificateServiceBlockingStub;
import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A node proxy as the control plane sees it: a channel that trusts the root and has a token. */
final class TestClient implements AutoCloseable {
  private final ManagedChannel channel;

  TestClient(int port, Path root, String token) throws IOException {
    Metadata headers = new Metadata();
    if (!token.isEmpty()) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    }
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .sslContext(
                GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                    .trustManager(root.toFile())
                    .protocols("TLSv1.3")
                    .build())
            .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
            .maxInboundMessageSize(200 << 20)
            .build();
  }

  IstioCertificateServiceBlockingStub certificates() {
    return IstioCertificateServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  TestStream discovery() {
    return TestStream.open(AggregatedDiscoveryServiceGrpc.newStub(channel));
  }

  ManagedChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
