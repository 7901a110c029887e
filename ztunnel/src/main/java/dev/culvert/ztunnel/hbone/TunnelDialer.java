// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.identity.WorkloadCertificate;
import dev.culvert.ztunnel.identity.WorkloadCertificates;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.ConnectFailure;
import dev.culvert.ztunnel.transport.TcpConnections;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLSession;

/** Opens one tunnel: certificate, TCP, TLS, and the check of who answered. */
final class TunnelDialer {

  /** Hears how it ended: one of the two, once, on the event loop. */
  interface Result {
    void connected(ClientTunnel tunnel);

    void failed(TunnelException cause);
  }

  private final EventLoop loop;
  private final WorkloadCertificates certificates;
  private final TunnelSettings settings;
  private final TunnelKey key;
  private final ClientTunnel.Owner owner;
  private final Result result;

  TunnelDialer(
      EventLoop loop,
      WorkloadCertificates certificates,
      TunnelSettings settings,
      TunnelKey key,
      ClientTunnel.Owner owner,
      Result result) {
    this.loop = loop;
    this.certificates = certificates;
    this.settings = settings;
    this.key = key;
    this.owner = owner;
    this.result = result;
  }

  void dial() {
    var current = certificates.current(key.source());
    if (current.isPresent()) {
      connect(current.get());
    } else {
      var _ =
          certificates
              .get(key.source())
              .whenCompleteAsync((certificate, error) -> certified(certificate, error), loop);
    }
  }

  private void certified(WorkloadCertificate certificate, Throwable error) {
    if (error == null) {
      connect(certificate);
    } else {
      Throwable cause = error instanceof CompletionException ? error.getCause() : error;
      fail(ResponseFlag.IDENTITY_ERROR, cause.getMessage());
    }
  }

  private void connect(WorkloadCertificate certificate) {
    SocketChannel channel;
    try {
      channel = key.from().socket(key.destination().getAddress());
    } catch (IOException e) {
      fail(ResponseFlag.CONNECT, "no socket in the source pod's namespace: " + e.getMessage());
      return;
    }
    TcpConnections.connectTunnel(
            loop, channel, key.destination(), settings.connectTimeout(), prepare(certificate))
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                unreachable(done.cause());
              }
            });
  }

  private ChannelInitializer<Channel> prepare(WorkloadCertificate certificate) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        Handshake.begin(
            channel,
            certificate.clientContext(),
            settings.connectTimeout(),
            new Proof(certificate));
      }
    };
  }

  private final class Proof implements Handshake.Result {
    private final WorkloadCertificate certificate;

    Proof(WorkloadCertificate certificate) {
      this.certificate = certificate;
    }

    @Override
    public void proved(ChannelHandlerContext ctx, SSLSession session, SpiffeId peer) {
      if (!key.expected().contains(certificate.roots().normalize(peer))) {
        var _ = ctx.close();
        fail(
            ResponseFlag.IDENTITY_ERROR,
            "the other side proved to be %s, but %s is expected"
                .formatted(
                    peer,
                    key.expected().size() == 1
                        ? key.expected().iterator().next()
                        : "one of " + key.expected()));
        return;
      }
      ClientTunnel tunnel = ClientTunnel.create(settings, key, owner);
      CertificateWatch.begin(ctx, session, certificate, tunnel);
      ctx.pipeline().replace(ctx.name(), "tunnel", tunnel);
      result.connected(tunnel);
    }

    @Override
    public void failed(Throwable cause) {
      fail(TlsFailure.flag(cause), "TLS failed: " + TlsFailure.describe(cause));
    }
  }

  private void unreachable(Throwable cause) {
    if (cause instanceof ConnectTimeoutException) {
      fail(
          ResponseFlag.NETWORK_POLICY,
          "connection timed out, maybe a NetworkPolicy is blocking HBONE port %d"
              .formatted(key.destination().getPort()));
    } else {
      fail(ResponseFlag.CONNECT, ConnectFailure.describe(cause));
    }
  }

  private void fail(ResponseFlag flag, String problem) {
    result.failed(
        new TunnelException(
            flag, "tunnel to %s: %s".formatted(Authority.format(key.destination()), problem)));
  }
}
