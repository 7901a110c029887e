// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.istio;

import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateResponse;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.PeerCertificate;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Discovery and CA on one port, as istiod has them; it remembers who asked for what. */
public final class FakeIstiod implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION = key("authorization");
  private static final Metadata.Key<String> CLUSTER = key("clusterid");

  /** What a call showed of its caller. */
  public record Caller(String authorization, String cluster) {}

  private final CertificateAuthority authority;
  private final Map<String, List<Resource>> resources;
  private final Queue<Caller> callers = new ConcurrentLinkedQueue<>();
  private final Queue<DeltaDiscoveryRequest> first = new ConcurrentLinkedQueue<>();
  private final Queue<DeltaDiscoveryRequest> rejections = new ConcurrentLinkedQueue<>();
  private final Queue<String> signed = new ConcurrentLinkedQueue<>();
  private final Queue<Duration> lifetimes = new ConcurrentLinkedQueue<>();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Server server;

  /**
   * Listens.
   *
   * @param name in its certificate
   * @param resources by their type URL
   */
  public FakeIstiod(
      InetSocketAddress address,
      ChannelFactory<NioServerSocketChannel> sockets,
      CertificateAuthority authority,
      String name,
      Map<String, List<Resource>> resources)
      throws IOException {
    this.authority = authority;
    this.resources = Map.copyOf(resources);
    PeerCertificate own = authority.issueServer(name);
    this.server =
        NettyServerBuilder.forAddress(address)
            .channelFactory(sockets)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .sslContext(
                GrpcSslContexts.configure(
                        SslContextBuilder.forServer(own.key(), own.leaf(), own.root()),
                        SslProvider.JDK)
                    .build())
            .intercept(new CallerReader())
            .addService(new Discovery())
            .addService(new Signing())
            .build()
            .start();
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Of every call. */
  public List<Caller> callers() {
    return List.copyOf(callers);
  }

  /** The first request of each stream, which says who asks. */
  public List<DeltaDiscoveryRequest> firstRequests() {
    return List.copyOf(first);
  }

  /** What clients would not take. */
  public List<DeltaDiscoveryRequest> rejections() {
    return List.copyOf(rejections);
  }

  /** The identities that were signed for. */
  public List<String> signed() {
    return List.copyOf(signed);
  }

  /** For how long certificates were asked. */
  public List<Duration> lifetimes() {
    return List.copyOf(lifetimes);
  }

  @Override
  public void close() {
    server.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  private final class CallerReader implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      callers.add(
          new Caller(
              String.valueOf(headers.get(AUTHORIZATION)), String.valueOf(headers.get(CLUSTER))));
      return next.startCall(call, headers);
    }
  }

  private final class Discovery
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      return new StreamObserver<>() {
        private boolean begun;

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
      };
    }
  }

  private DeltaDiscoveryResponse all(String type) {
    return DeltaDiscoveryResponse.newBuilder()
        .setTypeUrl(type)
        .setNonce("all")
        .addAllResources(resources.getOrDefault(type, List.of()))
        .build();
  }

  private final class Signing extends IstioCertificateServiceGrpc.IstioCertificateServiceImplBase {
    @Override
    public void createCertificate(
        IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> answer) {
      try {
        List<String> chain = authority.sign(request.getCsr());
        lifetimes.add(Duration.ofSeconds(request.getValidityDuration()));
        signed.add(request.getMetadata().getFieldsOrThrow("ImpersonatedIdentity").getStringValue());
        answer.onNext(IstioCertificateResponse.newBuilder().addAllCertChain(chain).build());
        answer.onCompleted();
      } catch (IOException | IllegalArgumentException e) {
        answer.onError(Status.INVALID_ARGUMENT.withDescription(e.toString()).asException());
      }
    }
  }
}
