// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.telemetry.TlsSession;
import io.netty.channel.Channel;
import io.netty.handler.ssl.OpenSslSession;
import io.netty.util.AttributeKey;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/** What a finished handshake agreed on, kept with its channel. */
final class TlsSessions {
  private static final AttributeKey<TlsSession> AGREED =
      AttributeKey.valueOf(TlsSessions.class, "agreed");

  private TlsSessions() {}

  static void keep(Channel channel, SSLSession session) {
    channel.attr(AGREED).set(new TlsSession(session.getCipherSuite(), group(session)));
  }

  static Optional<TlsSession> of(Channel channel) {
    return Optional.ofNullable(channel.attr(AGREED).get());
  }

  /** The JDK's engine has no way to ask for it. */
  private static Optional<String> group(SSLSession session) {
    return session instanceof OpenSslSession openssl
        ? Optional.ofNullable(openssl.getNamedGroup())
        : Optional.empty();
  }
}
