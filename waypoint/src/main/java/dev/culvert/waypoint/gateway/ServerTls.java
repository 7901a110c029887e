// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.waypoint.accept.TlsEnd;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.ClientKey;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * How a listener ends TLS. It stays the same object while it does, so that clients can resume their
 * sessions.
 *
 * @param listener its name
 * @param secret that the pair is of
 * @param clientAuthorities empty when no certificate is asked for
 * @param validates whether it is
 * @param fallback whether a client without a good one is let in all the same
 * @param http whether HTTP is spoken in it
 */
record ServerTls(
    Object about,
    String listener,
    ObjectRef secret,
    ClientKey.Pem pair,
    List<String> clientAuthorities,
    boolean validates,
    boolean fallback,
    boolean http)
    implements Piece<Optional<TlsEnd.Here>> {
  private static final ApplicationProtocolConfig HTTP =
      new ApplicationProtocolConfig(
          Protocol.ALPN,
          SelectorFailureBehavior.NO_ADVERTISE,
          SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2,
          ApplicationProtocolNames.HTTP_1_1);

  @Override
  public Optional<TlsEnd.Here> make(List<String> problems) {
    try {
      return Optional.of(new TlsEnd.Here(context(), validates && !fallback));
    } catch (SSLException | IllegalArgumentException e) {
      problems.add(
          Certificates.failing(
              listener,
              "Secret %s/%s: tls.crt or tls.key cannot be used: %s"
                  .formatted(secret.namespace(), secret.name(), e.getMessage())));
      return Optional.empty();
    }
  }

  private SslContext context() throws SSLException {
    SslProvider provider = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
    SslContextBuilder builder =
        SslContextBuilder.forServer(stream(pair.certificate()), stream(pair.key()));
    if (fallback) {
      builder.trustManager(InsecureTrustManagerFactory.INSTANCE).clientAuth(ClientAuth.OPTIONAL);
    } else if (!clientAuthorities.isEmpty()) {
      builder
          .trustManager(stream(String.join("\n", clientAuthorities)))
          .clientAuth(ClientAuth.REQUIRE);
    }
    return builder
        .sslProvider(provider)
        .protocols("TLSv1.3", "TLSv1.2")
        .applicationProtocolConfig(http ? HTTP : ApplicationProtocolConfig.DISABLED)
        .build();
  }

  private static ByteArrayInputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(US_ASCII));
  }
}
