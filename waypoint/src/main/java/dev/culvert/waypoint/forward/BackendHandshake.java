// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** The handshake with an endpoint that TLS is spoken to. On the connection's event loop. */
final class BackendHandshake {
  private static final int HOSTNAME = 2;
  private static final int URI = 6;

  private final Target target;
  private final BackendTls tls;
  private final SslHandler handler;

  private BackendHandshake(Target target, BackendTls tls, SslHandler handler) {
    this.target = target;
    this.tls = tls;
    this.handler = handler;
  }

  /** Puts it before all other handlers. */
  static BackendHandshake on(Channel channel, Target target, BackendTls tls) {
    SslHandler handler =
        tls.context(target.protocol())
            .newHandler(channel.alloc(), tls.hostname(), target.address().getPort());
    channel.pipeline().addFirst("tls", handler);
    return new BackendHandshake(target, tls, handler);
  }

  /** Succeeds when the peer proved who it must be. */
  void settle(Channel channel, Promise<Channel> promise) {
    handler.handshakeFuture().addListener(done -> settle(done, channel, promise));
  }

  private void settle(Future<?> done, Channel channel, Promise<Channel> promise) {
    try {
      if (!done.isSuccess()) {
        throw new SSLException("TLS: " + done.cause().getMessage(), done.cause());
      }
      String agreed = handler.applicationProtocol();
      if (target.protocol() == Protocol.HTTP2 && !ApplicationProtocolNames.HTTP_2.equals(agreed)) {
        throw new SSLException("it does not speak HTTP/2 in TLS");
      }
      if (!tls.names().isEmpty() && !provesOne()) {
        throw new SSLException("its certificate has none of the names of its BackendTLSPolicy");
      }
      promise.setSuccess(channel);
    } catch (SSLException e) {
      var _ = channel.close();
      promise.setFailure(e);
    }
  }

  private boolean provesOne() throws SSLPeerUnverifiedException {
    X509Certificate peer = (X509Certificate) handler.engine().getSession().getPeerCertificates()[0];
    try {
      Collection<List<?>> proved = peer.getSubjectAlternativeNames();
      return proved != null && proved.stream().anyMatch(this::isWanted);
    } catch (CertificateParsingException e) {
      return false;
    }
  }

  private boolean isWanted(List<?> proved) {
    int type = (Integer) proved.get(0);
    if (!(proved.get(1) instanceof String name) || (type != HOSTNAME && type != URI)) {
      return false;
    }
    return tls.names().stream()
        .anyMatch(
            wanted ->
                wanted.uri()
                    ? type == URI && name.equals(wanted.name())
                    : type == HOSTNAME && takes(name.toLowerCase(Locale.ROOT), wanted.name()));
  }

  /** A certificate's wildcard stands for one label (RFC 9525, section 6.3). */
  private static boolean takes(String proved, String wanted) {
    if (!proved.startsWith("*.")) {
      return proved.equals(wanted);
    }
    int dot = wanted.indexOf('.');
    return dot > 0 && wanted.substring(dot).equals(proved.substring(1));
  }
}
