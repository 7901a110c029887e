// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.istio;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateResponse;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.TunnelProtocol;
import dev.culvert.policy.wire.workload.Workload;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Discovery and CA of Cilium's agent (pkg/ztunnel/xds): on its node's loopback only; it tells of
 * pods by their address and account, knows no policies and no versions, and asks for no token.
 */
public final class FakeCilium implements AutoCloseable {
  public static final int PORT = 15012;

  private static final String ADDRESS = "type.googleapis.com/istio.workload.Address";
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final CiliumSecrets secrets;
  private final List<LabPod> endpoints;
  private final Queue<String> tokens = new ConcurrentLinkedQueue<>();
  private final Queue<String> rejections = new ConcurrentLinkedQueue<>();
  private final Queue<String> signed = new ConcurrentLinkedQueue<>();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Server server;

  /**
   * Listens on the node.
   *
   * @param endpoints the pods of all nodes
   */
  public FakeCilium(LabNode node, CiliumSecrets secrets, List<LabPod> endpoints)
      throws IOException {
    this.secrets = secrets;
    this.endpoints = List.copyOf(endpoints);
    this.server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), PORT))
            .channelFactory(() -> socket(node))
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .sslContext(
                GrpcSslContexts.configure(
                        SslContextBuilder.forServer(
                            secrets.bootstrapKeys().getPrivate(), secrets.bootstrap()),
                        SslProvider.JDK)
                    .build())
            .intercept(new TokenReader())
            .addService(new Discovery())
            .addService(new Signing())
            .build()
            .start();
  }

  private static NioServerSocketChannel socket(LabNode node) {
    try {
      return node.place().call(NioServerSocketChannel::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** That calls showed, though nobody asked. */
  public List<String> tokens() {
    return List.copyOf(tokens);
  }

  /** Why its client would not take what it was told. */
  public List<String> rejections() {
    return List.copyOf(rejections);
  }

  /** The identities that were signed for. */
  public List<String> signed() {
    return List.copyOf(signed);
  }

  @Override
  public void close() {
    server.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  private final class TokenReader implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      String token = headers.get(AUTHORIZATION);
      if (token != null) {
        tokens.add(token);
      }
      return next.startCall(call, headers);
    }
  }

  private final class Discovery
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      return new StreamObserver<>() {
        @Override
        public void onNext(DeltaDiscoveryRequest request) {
          if (request.hasErrorDetail()) {
            rejections.add(request.getErrorDetail().getMessage());
          } else if (request.getResponseNonce().isEmpty()) {
            responses.onNext(
                request.getTypeUrl().equals(ADDRESS) ? workloads() : none(request.getTypeUrl()));
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

  private static DeltaDiscoveryResponse none(String type) {
    return DeltaDiscoveryResponse.newBuilder().setTypeUrl(type).setNonce("0").build();
  }

  private DeltaDiscoveryResponse workloads() {
    return DeltaDiscoveryResponse.newBuilder()
        .setTypeUrl(ADDRESS)
        .setNonce(UUID.randomUUID().toString())
        .addAllResources(endpoints.stream().map(FakeCilium::workload).toList())
        .build();
  }

  private static Resource workload(LabPod pod) {
    Workload workload =
        Workload.newBuilder()
            .setUid(uid(pod))
            .setName(pod.name())
            .setNamespace("mesh")
            .setServiceAccount(pod.name())
            .setNode(pod.node().ip4())
            .setTunnelProtocol(TunnelProtocol.HBONE)
            .addAddresses(bytes(pod.ip4()))
            .addAddresses(bytes(pod.ip6()))
            .build();
    ByteString address = Address.newBuilder().setWorkload(workload).build().toByteString();
    return Resource.newBuilder()
        .setName(workload.getUid())
        .setResource(Any.newBuilder().setTypeUrl(ADDRESS).setValue(address))
        .build();
  }

  /** What discovery and ZDS both call the pod. */
  public static String uid(LabPod pod) {
    return UUID.nameUUIDFromBytes(pod.name().getBytes(UTF_8)).toString();
  }

  private static ByteString bytes(String address) {
    return ByteString.copyFrom(InetAddress.ofLiteral(address).getAddress());
  }

  private final class Signing extends IstioCertificateServiceGrpc.IstioCertificateServiceImplBase {
    @Override
    public void createCertificate(
        IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> answer) {
      try {
        signed.add(CiliumSecrets.identity(request.getCsr()));
        List<String> chain = secrets.sign(request.getCsr());
        answer.onNext(IstioCertificateResponse.newBuilder().addAllCertChain(chain).build());
        answer.onCompleted();
      } catch (IOException | IllegalArgumentException e) {
        answer.onError(Status.INVALID_ARGUMENT.withDescription(e.toString()).asException());
      }
    }
  }
}
