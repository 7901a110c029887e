// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * Builds the two TLS contexts of a certificate, once: TLS 1.3, AES-GCM, ALPN h2, both sides prove
 * themselves, no names, no resumption.
 */
final class TlsContexts {
  /** What a tunnel may use; see {@link PeerIdentity}. */
  static final List<String> SUITES = List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256");

  /** BoringSSL has all three or none, and says so at length when asked for two. */
  private static final List<String> BORING_SUITES =
      List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256");

  /** The JDK sends no session ticket when sessions would outlive its limit of seven days. */
  private static final long NO_TICKETS_SECONDS = 8 * 24 * 3600;

  /**
   * Netty hands the key over in a key store of no password. The default, PKCS12, would encrypt it
   * for that: ten thousand rounds of hashing for each certificate, and twice with each start.
   */
  private static final String IN_MEMORY = "JKS";

  private final SslProvider provider;
  private final PostQuantum postQuantum;

  /**
   * @throws IllegalStateException when the engine does not load here, or lacks what is required
   */
  TlsContexts(TlsEngine engine, PostQuantum postQuantum) {
    this.provider = engine.provider();
    this.postQuantum = postQuantum;
    if (provider != SslProvider.OPENSSL && postQuantum == PostQuantum.REQUIRED) {
      throw new IllegalStateException(
          "post-quantum required: the JDK's TLS has no X25519MLKEM768; set tls-engine to openssl");
    }
  }

  SslContext client(IssuedCertificate certificate) throws SSLException {
    return build(
        SslContextBuilder.forClient()
            .keyManager(certificate.key(), chain(certificate))
            // Netty's default would compare host names; a SPIFFE certificate has none.
            .endpointIdentificationAlgorithm(null),
        certificate);
  }

  SslContext server(IssuedCertificate certificate) throws SSLException {
    SslContext context =
        build(
            SslContextBuilder.forServer(certificate.key(), chain(certificate))
                .clientAuth(ClientAuth.REQUIRE),
            certificate);
    return provider == SslProvider.OPENSSL ? new TicketlessContext(context) : context;
  }

  private SslContext build(SslContextBuilder builder, IssuedCertificate certificate)
      throws SSLException {
    builder
        .sslProvider(provider)
        .keyStoreType(IN_MEMORY)
        .protocols("TLSv1.3")
        .ciphers(provider == SslProvider.OPENSSL ? BORING_SUITES : SUITES)
        .trustManager(new PeerTrust(certificate.roots()))
        .applicationProtocolConfig(alpn());
    if (provider == SslProvider.OPENSSL) {
      builder.option(OpenSslContextOption.GROUPS, postQuantum.groups());
    } else {
      builder.sessionTimeout(NO_TICKETS_SECONDS);
    }
    return builder.build();
  }

  /** The only behaviours both engines know; a tunnel closes a session that did not agree on h2. */
  private static ApplicationProtocolConfig alpn() {
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        SelectorFailureBehavior.NO_ADVERTISE,
        SelectedListenerFailureBehavior.ACCEPT,
        ApplicationProtocolNames.HTTP_2);
  }

  private static X509Certificate[] chain(IssuedCertificate certificate) {
    return certificate.chain().toArray(X509Certificate[]::new);
  }
}
