// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Opens channels to the control plane: TLS, its root the only one trusted, the token shown. Where
 * its name has several addresses, each channel tries them in an order of its own until one answers;
 * one that falls silent is left within 30 s.
 */
public final class ControlPlane {
  /** As large as Istio's: a whole mesh can arrive in one push. */
  private static final int MAX_MESSAGE = 200 << 20;

  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
  private static final int TCP_IDLE_SECONDS = 30;
  private static final int TCP_TIMEOUT_MILLIS = 20_000;

  /** No less than 15 s: Istio's control plane ends connections that ask more often. */
  private static final Duration PING_EVERY = Duration.ofSeconds(20);

  private static final Duration PING_ANSWER = Duration.ofSeconds(10);

  private final SslContext tls;
  private final Optional<String> serverName;
  private final CallCredentials token;

  /**
   * @param server whom to believe that it is the control plane
   * @param token what shows whose the calls are
   * @param cluster sent with each call, as Istio's proxies do
   * @param engine the tunnels' own: a proxy that starts would spend a tenth of a second on making
   *     the JDK's ready, and as much on its handshakes; names are checked with either
   * @throws IOException when the file of roots cannot be read or holds no certificate
   */
  public ControlPlane(ServerTrust server, NodeToken token, String cluster, SslProvider engine)
      throws IOException {
    SslContextBuilder builder = SslContextBuilder.forClient();
    if (!server.roots().equals(ServerTrust.SYSTEM)) {
      builder.trustManager(new FileTrust(server.roots()));
    }
    this.tls = GrpcSslContexts.configure(builder, engine).protocols("TLSv1.3").build();
    this.serverName = server.name();
    this.token = new BearerToken(token, cluster);
  }

  private ControlPlane(SslContext tls, Optional<String> serverName, CallCredentials token) {
    this.tls = tls;
    this.serverName = serverName;
    this.token = token;
  }

  /** The same with more headers on each call. */
  public ControlPlane withHeaders(Map<String, String> headers) {
    return new ControlPlane(tls, serverName, new ExtraHeaders(token, headers));
  }

  /** Shows the node's token on a call. */
  public CallCredentials token() {
    return token;
  }

  /** A new channel; it connects when first used. The caller shuts it down. */
  public ManagedChannel open(Endpoint endpoint) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
            .sslContext(tls)
            .maxInboundMessageSize(MAX_MESSAGE)
            // What is in the environment for the apps' sake is not for the mesh.
            .proxyDetector(address -> null)
            .disableServiceConfigLookUp()
            .defaultServiceConfig(ChannelConfig.OF_ALL)
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
            .withOption(ChannelOption.SO_KEEPALIVE, true)
            .keepAliveTime(PING_EVERY.toSeconds(), TimeUnit.SECONDS)
            .keepAliveTimeout(PING_ANSWER.toSeconds(), TimeUnit.SECONDS)
            .idleTimeout(30, TimeUnit.MINUTES);
    serverName.ifPresent(builder::overrideAuthority);
    // A channel without calls sends no PING; a replica that stands still answers only TCP.
    if (Epoll.isAvailable()) {
      builder
          .withOption(EpollChannelOption.TCP_KEEPIDLE, TCP_IDLE_SECONDS)
          .withOption(EpollChannelOption.TCP_KEEPINTVL, TCP_IDLE_SECONDS / 6)
          .withOption(EpollChannelOption.TCP_USER_TIMEOUT, TCP_TIMEOUT_MILLIS);
    }
    return builder.build();
  }
}
