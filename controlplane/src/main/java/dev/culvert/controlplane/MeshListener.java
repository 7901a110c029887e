// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.ca.ServingCertificate;
import dev.culvert.controlplane.state.ControlPlaneException;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** The gRPC server over TLS 1.3 that proxies connect to. */
final class MeshListener {
  /**
   * A proxy that reconnects names all it holds: 400,000 names; what it is sent has no bound here.
   */
  private static final int LARGEST_REQUEST = 64 * 1024 * 1024;

  /**
   * What a stream may send before somebody reads it: bounds what waits in memory while all proxies
   * come at once.
   */
  private static final int WINDOW = 256 * 1024;

  /** A proxy has one stream and asks for at most 8 certificates at once. */
  private static final int CALLS_PER_CONNECTION = 32;

  /** CVE-2023-44487: resets are free for who sends them. */
  private static final int RESETS_PER_WINDOW = 200;

  private static final int RESET_WINDOW_SECONDS = 30;

  /** As the data path has it: a peer that is gone is noticed within 30 s. */
  private static final Duration PING_EVERY = Duration.ofSeconds(10);

  private static final Duration PING_ANSWER = Duration.ofSeconds(20);
  private static final Duration CLIENT_PING_AT_MOST_EVERY = Duration.ofSeconds(5);

  private final Server server;

  private MeshListener(Server server) {
    this.server = server;
  }

  /**
   * Starts to listen.
   *
   * @throws ControlPlaneException when the address cannot be listened on
   */
  static MeshListener start(
      InetSocketAddress address,
      ServingCertificate certificate,
      ServerInterceptor access,
      Executor executor,
      List<BindableService> services) {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .sslContext(context(certificate))
            .executor(executor)
            .maxInboundMessageSize(LARGEST_REQUEST)
            .flowControlWindow(WINDOW)
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
            .maxRstFramesPerWindow(RESETS_PER_WINDOW, RESET_WINDOW_SECONDS)
            .keepAliveTime(PING_EVERY.toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(PING_ANSWER.toMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveTime(CLIENT_PING_AT_MOST_EVERY.toMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveWithoutCalls(true);
    services.forEach(service -> builder.addService(ServerInterceptors.intercept(service, access)));
    try {
      return new MeshListener(builder.build().start());
    } catch (IOException e) {
      throw new ControlPlaneException(
          "listen",
          "cannot listen on %s (%s)".formatted(address, cause(e)),
          "free the port, or choose another with 'listen'",
          e);
    }
  }

  int port() {
    return server.getPort();
  }

  /** No new calls from now on. */
  void refuse() {
    server.shutdown();
  }

  /** Waits for the calls that are open, and breaks off what is left after the time. */
  void close(Duration atMost) {
    try {
      if (!server.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private static SslContext context(ServingCertificate certificate) {
    try {
      SslContextBuilder builder = SslContextBuilder.forServer(certificate.keys());
      return GrpcSslContexts.configure(builder, SslProvider.JDK).protocols("TLSv1.3").build();
    } catch (SSLException e) {
      throw new IllegalStateException("this JDK has no TLS 1.3", e);
    }
  }

  private static Throwable cause(IOException e) {
    return e.getCause() == null ? e : e.getCause();
  }
}
