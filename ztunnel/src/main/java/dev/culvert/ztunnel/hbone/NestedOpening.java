// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.identity.WorkloadCertificate;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import javax.net.ssl.SSLSession;

/**
 * Opens one connection through two tunnels: where a stream to a gateway is there, a tunnel to what
 * is behind the gateway is made in it, for this one connection. On the event loop of the outer.
 */
final class NestedOpening implements Opening, ClientTunnel.Owner {
  private final EventLoop loop;
  private final WorkloadCertificate certificate;
  private final TunnelSettings settings;
  private final TunnelKey inner;
  private final ConnectRequest request;
  private final Opening opening;
  private boolean answered;

  /**
   * @param certificate of the source, in both tunnels
   * @param inner whom the end of the inner tunnel must prove to be
   * @param request what is asked for in the inner tunnel
   */
  NestedOpening(
      EventLoop loop,
      WorkloadCertificate certificate,
      TunnelSettings settings,
      TunnelKey inner,
      ConnectRequest request,
      Opening opening) {
    this.loop = loop;
    this.certificate = certificate;
    this.settings = settings;
    this.inner = inner;
    this.request = request;
    this.opening = opening;
  }

  /** The gateway has reached what is behind it. */
  @Override
  public void opened(HboneStream stream) {
    StreamChannel channel = new StreamChannel(stream, stream.channel());
    var _ = loop.register(channel);
    Handshake.begin(channel, certificate.clientContext(), settings.connectTimeout(), new Proof());
    channel.start();
  }

  @Override
  public void failed(TunnelException cause) {
    if (!answered) {
      answered = true;
      opening.failed(cause);
    }
  }

  /** The one connection is over, and the tunnel with it; not within what ended it. */
  @Override
  public void roomMade(ClientTunnel tunnel) {
    loop.execute(
        () -> {
          var _ = tunnel.context().close();
        });
  }

  /** One stream is all that it is for. */
  @Override
  public void told(int maxStreams) {}

  @Override
  public void retired(ClientTunnel tunnel) {}

  private void fail(ResponseFlag flag, String problem) {
    failed(
        new TunnelException(
            flag,
            "tunnel through gateway %s: %s"
                .formatted(Authority.format(inner.destination()), problem)));
  }

  private final class Proof implements Handshake.Result {
    @Override
    public void proved(ChannelHandlerContext ctx, SSLSession session, SpiffeId peer) {
      if (!inner.expected().contains(certificate.roots().normalize(peer))) {
        var _ = ctx.close();
        fail(
            ResponseFlag.IDENTITY_ERROR,
            "who answered behind it proved to be %s, but one of %s is expected"
                .formatted(peer, inner.expected()));
        return;
      }
      ClientTunnel tunnel = ClientTunnel.create(settings, inner, NestedOpening.this);
      CertificateWatch.begin(ctx, session, certificate, tunnel);
      ctx.pipeline().replace(ctx.name(), "tunnel", tunnel);
      tunnel.open(request, new Answered(tunnel));
    }

    @Override
    public void failed(Throwable cause) {
      fail(
          TlsFailure.flag(cause),
          "TLS with what is behind it failed: " + TlsFailure.describe(cause));
    }
  }

  private final class Answered implements ClientTunnel.Answer {
    private final ClientTunnel tunnel;

    Answered(ClientTunnel tunnel) {
      this.tunnel = tunnel;
    }

    @Override
    public ByteBuf early() {
      return opening.early();
    }

    @Override
    public void opened(HboneStream stream) {
      answered = true;
      opening.opened(stream);
    }

    @Override
    public void failed(TunnelException cause) {
      NestedOpening.this.failed(cause);
      roomMade(tunnel);
    }

    @Override
    public void unprocessed(TunnelException cause) {
      failed(cause);
    }
  }
}
