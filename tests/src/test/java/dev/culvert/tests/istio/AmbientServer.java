// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.istio;

import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.tests.hostile.SigningService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Discovery and CA on one port, over TLS; it remembers what it was asked. */
final class AmbientServer implements AutoCloseable {
  /** What tells one mesh from another. */
  interface Answers {
    List<Resource> resources(String type);

    /** See {@link SigningService.Signer#sign}. */
    List<String> sign(String request) throws IOException;
  }

  private final Answers answers;
  private final Queue<Metadata> calls = new ConcurrentLinkedQueue<>();
  private final Queue<DeltaDiscoveryRequest> first = new ConcurrentLinkedQueue<>();
  private final Queue<DeltaDiscoveryRequest> rejections = new ConcurrentLinkedQueue<>();
  private final Queue<IstioCertificateRequest> signed = new ConcurrentLinkedQueue<>();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Server server;

  AmbientServer(
      InetSocketAddress address,
      ChannelFactory<NioServerSocketChannel> sockets,
      SslContextBuilder tls,
      Answers answers)
      throws IOException {
    this.answers = answers;
    this.server =
        NettyServerBuilder.forAddress(address)
            .channelFactory(sockets)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .sslContext(GrpcSslContexts.configure(tls, SslProvider.JDK).build())
            .intercept(new CallReader())
            .addService(new Discovery())
            .addService(new SigningService(answers::sign, signed::add))
            .build()
            .start();
  }

  /** What the head of every call had. */
  List<Metadata> calls() {
    return List.copyOf(calls);
  }

  /** The first request of each stream, which says who asks. */
  List<DeltaDiscoveryRequest> firstRequests() {
    return List.copyOf(first);
  }

  /** What clients would not take. */
  List<DeltaDiscoveryRequest> rejections() {
    return List.copyOf(rejections);
  }

  /** What was asked for and signed. */
  List<IstioCertificateRequest> signed() {
    return List.copyOf(signed);
  }

  @Override
  public void close() {
    server.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  private final class CallReader implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      calls.add(headers);
      return next.startCall(call, headers);
    }
  }

  private final class Discovery
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      return new DiscoveryStream(responses);
    }
  }

  private final class DiscoveryStream implements StreamObserver<DeltaDiscoveryRequest> {
    private final StreamObserver<DeltaDiscoveryResponse> responses;
    private boolean begun;

    DiscoveryStream(StreamObserver<DeltaDiscoveryResponse> responses) {
      this.responses = responses;
    }

    @Override
    public void onNext(DeltaDiscoveryRequest request) {
      if (!begun) {
        begun = true;
        first.add(request);
      }
      if (request.hasErrorDetail()) {
        rejections.add(request);
      } else if (request.getResponseNonce().isEmpty()) {
        responses.onNext(all(request.getTypeUrl()));
      }
    }

    @Override
    public void onError(Throwable gone) {}

    @Override
    public void onCompleted() {
      responses.onCompleted();
    }
  }

  private DeltaDiscoveryResponse all(String type) {
    return DeltaDiscoveryResponse.newBuilder()
        .setTypeUrl(type)
        .setNonce(UUID.randomUUID().toString())
        .addAllResources(answers.resources(type))
        .build();
  }
}
