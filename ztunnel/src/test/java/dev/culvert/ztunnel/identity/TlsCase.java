// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.ztunnel.peers.TestCa;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.params.provider.Arguments;

/** Both sides of the mesh, and strangers to it. */
abstract class TlsCase {
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  static final String WEB = "spiffe://cluster.local/ns/shop/sa/web";
  static final String CLIENT = "spiffe://cluster.local/ns/shop/sa/client";
  static final Duration HOUR = Duration.ofHours(1);

  final TestCa ca = new TestCa("mesh root");

  static Stream<Arguments> engines() {
    return Stream.of(TlsEngine.OPENSSL, TlsEngine.JDK)
        .flatMap(a -> Stream.of(TlsEngine.OPENSSL, TlsEngine.JDK).map(b -> Arguments.of(a, b)));
  }

  /** As a stock peer: believes anybody, and lets sessions be resumed. */
  static SslContextBuilder generous(SslContextBuilder builder) {
    return builder
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.3")
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .applicationProtocolConfig(h2());
  }

  static ApplicationProtocolConfig h2() {
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        SelectorFailureBehavior.NO_ADVERTISE,
        SelectedListenerFailureBehavior.ACCEPT,
        "h2");
  }

  final SslContext client(TlsEngine engine, IssuedCertificate certificate) {
    try {
      return new TlsContexts(engine, PostQuantum.PREFERRED).client(certificate);
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  final SslContext server(TlsEngine engine, IssuedCertificate certificate) {
    try {
      return new TlsContexts(engine, PostQuantum.PREFERRED).server(certificate);
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  static SslContextBuilder stranger(String protocol, List<String> ciphers) {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .protocols(protocol)
            .endpointIdentificationAlgorithm(null)
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .applicationProtocolConfig(h2());
    return ciphers == null ? builder : builder.ciphers(ciphers);
  }

  final IssuedCertificate issued(String... uris) {
    return issued(ca, uris[0], HOUR, ca, uris);
  }

  static IssuedCertificate issued(
      TestCa signer, String uri, Duration life, TestCa trusted, String... uris) {
    KeyPair keys = TestCa.newKeys();
    String[] names = uris.length == 0 ? new String[] {uri} : uris;
    Instant now = Instant.now();
    X509Certificate leaf =
        signer.workload(keys.getPublic(), now.minusSeconds(60), now.plus(life), names);
    MeshRoots roots =
        new MeshRoots(List.of(trusted.root()), MeshTrust.only(DOMAIN), Clock.systemUTC());
    SpiffeId id = SpiffeId.workload(DOMAIN, "any", "any");
    return new IssuedCertificate(id, keys.getPrivate(), List.of(leaf), roots);
  }

  static Handshake handshake(SslContext client, SslContext server) {
    return new Handshake(
        client.newEngine(ByteBufAllocator.DEFAULT), server.newEngine(ByteBufAllocator.DEFAULT));
  }
}
