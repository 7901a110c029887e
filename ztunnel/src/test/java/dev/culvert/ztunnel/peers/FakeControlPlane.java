// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.peers;

import dev.culvert.policy.wire.ca.IstioCertificateRequest;
import dev.culvert.policy.wire.ca.IstioCertificateResponse;
import dev.culvert.policy.wire.ca.IstioCertificateServiceGrpc;
import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import dev.culvert.ztunnel.controlplane.ControlPlane;
import dev.culvert.ztunnel.controlplane.Endpoint;
import dev.culvert.ztunnel.controlplane.NodeToken;
import dev.culvert.ztunnel.controlplane.ServerTrust;
import dev.culvert.ztunnel.identity.TlsEngine;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** A gRPC server over TLS that speaks CA and delta ADS as a test tells it to. */
public final class FakeControlPlane implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> TENANT =
      Metadata.Key.of("x-tenant", Metadata.ASCII_STRING_MARSHALLER);

  /** One ADS stream as the server sees it. */
  public static final class Stream implements StreamObserver<DeltaDiscoveryRequest> {
    private final BlockingQueue<DeltaDiscoveryRequest> requests = new LinkedBlockingQueue<>();
    private final StreamObserver<DeltaDiscoveryResponse> responses;

    Stream(StreamObserver<DeltaDiscoveryResponse> responses) {
      this.responses = responses;
    }

    public DeltaDiscoveryRequest nextRequest() throws InterruptedException {
      DeltaDiscoveryRequest request = requests.poll(30, TimeUnit.SECONDS);
      if (request == null) {
        throw new AssertionError("no request came");
      }
      return request;
    }

    public void push(DeltaDiscoveryResponse response) {
      responses.onNext(response);
    }

    public void end(Throwable error) {
      responses.onError(error);
    }

    @Override
    public void onNext(DeltaDiscoveryRequest request) {
      requests.add(request);
    }

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }

  private final Path folder;
  private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
  private final Queue<String> tokens = new ConcurrentLinkedQueue<>();
  private final Queue<String> tenants = new ConcurrentLinkedQueue<>();
  private volatile BiConsumer<IstioCertificateRequest, StreamObserver<IstioCertificateResponse>>
      ca = (request, answer) -> answer.onCompleted();
  private Server server;
  private int port;

  /** Writes {@code root-cert.pem} and {@code token} into the folder, and listens. */
  public FakeControlPlane(Path folder, TestCa ca) throws IOException {
    this.folder = folder;
    trust(ca);
    token("first-token");
    listen(ca);
  }

  public void trust(TestCa ca) throws IOException {
    Files.writeString(rootCert(), TestCa.pem(ca.root()));
  }

  public void token(String token) throws IOException {
    Files.writeString(tokenFile(), token + "\n");
  }

  public Path rootCert() {
    return folder.resolve("root-cert.pem");
  }

  public Path tokenFile() {
    return folder.resolve("token");
  }

  public Endpoint endpoint() {
    return new Endpoint("127.0.0.1", port);
  }

  public ControlPlane client() throws IOException {
    return client(ServerTrust.of(rootCert()), TlsEngine.AUTO);
  }

  public ControlPlane client(ServerTrust trust, TlsEngine engine) throws IOException {
    return new ControlPlane(trust, NodeToken.at(tokenFile()), "Kubernetes", engine.provider());
  }

  /** What each call had in its header x-tenant. */
  public Queue<String> tenants() {
    return tenants;
  }

  public Queue<String> tokens() {
    return tokens;
  }

  public void signWith(
      BiConsumer<IstioCertificateRequest, StreamObserver<IstioCertificateResponse>> answers) {
    ca = answers;
  }

  public Stream nextStream() throws InterruptedException {
    Stream stream = streams.poll(30, TimeUnit.SECONDS);
    if (stream == null) {
      throw new AssertionError("no stream was opened");
    }
    return stream;
  }

  /** Stops and frees the port. */
  public void stop() throws InterruptedException {
    server.shutdownNow().awaitTermination();
  }

  /** Listens, again on the same port, with a certificate of that CA. */
  public void listen(TestCa signer) throws IOException {
    KeyPair keys = TestCa.newKeys();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .sslContext(
                GrpcSslContexts.configure(
                        SslContextBuilder.forServer(
                            keys.getPrivate(), signer.localhost(keys.getPublic())),
                        SslProvider.JDK)
                    .build())
            .intercept(new TokenReader())
            .addService(new Ca())
            .addService(new Ads())
            .build()
            .start();
    port = server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private final class TokenReader implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      tokens.add(String.valueOf(headers.get(AUTHORIZATION)));
      tenants.add(String.valueOf(headers.get(TENANT)));
      return next.startCall(call, headers);
    }
  }

  private final class Ca extends IstioCertificateServiceGrpc.IstioCertificateServiceImplBase {
    @Override
    public void createCertificate(
        IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> answer) {
      ca.accept(request, answer);
    }
  }

  private final class Ads
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      Stream stream = new Stream(responses);
      streams.add(stream);
      return stream;
    }
  }
}
