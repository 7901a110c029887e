// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.hostile;

import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;

/**
 * Discovery over TLS that sends exactly what a test hands it, and keeps what the client says; and a
 * CA that signs all it is asked to, when the test lets it.
 */
public final class FakeControlPlane implements AutoCloseable {
  private final Server server;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final BlockingQueue<DeltaDiscoveryRequest> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<StreamObserver<DeltaDiscoveryResponse>> streams =
      new LinkedBlockingQueue<>();

  private final SigningDesk desk = new SigningDesk();

  private FakeControlPlane(
      InetSocketAddress address,
      ChannelFactory<NioServerSocketChannel> sockets,
      CertificateAuthority authority)
      throws IOException {
    PeerCertificate certificate = authority.issueServer(address.getAddress());
    this.server =
        NettyServerBuilder.forAddress(address)
            .channelFactory(sockets)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .sslContext(context(certificate))
            .addService(new Discovery())
            .addService(new SigningService(authority::sign, desk, _ -> {}))
            .build()
            .start();
  }

  /** Listens there, on a socket from the factory, with a certificate of the CA. */
  public static FakeControlPlane start(
      InetSocketAddress address,
      ChannelFactory<NioServerSocketChannel> sockets,
      CertificateAuthority authority)
      throws IOException {
    return new FakeControlPlane(address, sockets, authority);
  }

  /** Where certificates wait. */
  public SigningDesk desk() {
    return desk;
  }

  /** The next stream that a client opens. */
  public StreamObserver<DeltaDiscoveryResponse> nextStream() throws InterruptedException {
    return taken(streams, "no client opened a discovery stream");
  }

  /** The next message of any client that the condition accepts; those before it are dropped. */
  public DeltaDiscoveryRequest nextRequest(Predicate<DeltaDiscoveryRequest> wanted)
      throws InterruptedException {
    DeltaDiscoveryRequest next = taken(requests, "no client sent a discovery request");
    while (!wanted.test(next)) {
      next = taken(requests, "no client sent the awaited discovery request");
    }
    return next;
  }

  private static <T> T taken(BlockingQueue<T> queue, String otherwise) throws InterruptedException {
    T next = queue.poll(30, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError(otherwise + " within 30 s");
    }
    return next;
  }

  private static SslContext context(PeerCertificate certificate) throws SSLException {
    return GrpcSslContexts.configure(
            SslContextBuilder.forServer(certificate.key(), certificate.leaf(), certificate.root()),
            SslProvider.JDK)
        .build();
  }

  @Override
  public void close() {
    server.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  private final class Discovery
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      streams.add(responses);
      return new StreamObserver<>() {
        @Override
        public void onNext(DeltaDiscoveryRequest request) {
          requests.add(request);
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onCompleted() {
          responses.onCompleted();
        }
      };
    }
  }
}
