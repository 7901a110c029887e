// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.peers.TestCa;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is believed, and what is shown to the other side. */
final class TlsContextsTest extends TlsCase {
  @ParameterizedTest
  @MethodSource("engines")
  void bothSidesProveThemselves(TlsEngine client, TlsEngine server) throws Exception {
    Handshake tls = handshake(client(client, issued(CLIENT)), server(server, issued(WEB)));
    tls.run();

    assertThat(PeerIdentity.of(tls.client.getSession())).hasToString(WEB);
    assertThat(PeerIdentity.of(tls.server.getSession())).hasToString(CLIENT);
    assertThat(tls.client.getSession().getProtocol()).isEqualTo("TLSv1.3");
    assertThat(tls.client.getApplicationProtocol()).isEqualTo("h2");
    assertThat(tls.server.getApplicationProtocol()).isEqualTo("h2");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void clientOfAnotherTrustDomainRefused(TlsEngine client, TlsEngine server) {
    String foreign = "spiffe://elsewhere/ns/shop/sa/client";
    Handshake tls = handshake(client(client, issued(foreign)), server(server, issued(WEB)));

    assertThatThrownBy(tls::run)
        .hasStackTraceContaining(foreign + " is not of trust domain cluster.local");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void serverOfAnotherTrustDomainRefused(TlsEngine client, TlsEngine server) {
    String foreign = "spiffe://elsewhere/ns/shop/sa/web";
    Handshake tls = handshake(client(client, issued(CLIENT)), server(server, issued(foreign)));

    assertThatThrownBy(tls::run)
        .hasStackTraceContaining(foreign + " is not of trust domain cluster.local");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void clientOfAnotherRootRefused(TlsEngine client, TlsEngine server) {
    IssuedCertificate stranger = issued(new TestCa("other"), CLIENT, HOUR, ca);
    Handshake tls = handshake(client(client, stranger), server(server, issued(WEB)));

    assertThatThrownBy(tls::run)
        .hasStackTraceContaining(CLIENT + ": chain does not lead to a root of this mesh");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void expiredClientRefused(TlsEngine client, TlsEngine server) {
    IssuedCertificate old = issued(ca, CLIENT, Duration.ofSeconds(-5), ca);
    Handshake tls = handshake(client(client, old), server(server, issued(WEB)));

    assertThatThrownBy(tls::run).hasStackTraceContaining(CLIENT + ": certificate expired at ");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void firstOfSeveralUrisIsTheIdentity(TlsEngine client, TlsEngine server) throws Exception {
    Handshake tls =
        handshake(client(client, issued(CLIENT, WEB)), server(server, issued(WEB, CLIENT)));
    tls.run();

    assertThat(PeerIdentity.of(tls.server.getSession())).hasToString(CLIENT);
    assertThat(PeerIdentity.of(tls.client.getSession())).hasToString(WEB);
  }

  @ParameterizedTest
  @MethodSource("engines")
  void certificateWithoutIdentityRefused(TlsEngine client, TlsEngine server) {
    Handshake tls =
        handshake(client(client, issued("https://example.org/")), server(server, issued(WEB)));

    assertThatThrownBy(tls::run).hasStackTraceContaining("https://example.org/");
  }

  @ParameterizedTest
  @EnumSource(
      value = TlsEngine.class,
      names = {"OPENSSL", "JDK"})
  void clientWithoutCertificateRefused(TlsEngine server) throws Exception {
    SslContext anonymous = stranger("TLSv1.3", null).build();
    Handshake tls = handshake(anonymous, server(server, issued(WEB)));

    assertThatThrownBy(tls::run).isInstanceOf(SSLException.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = TlsEngine.class,
      names = {"OPENSSL", "JDK"})
  void olderTlsRefused(TlsEngine server) throws Exception {
    SslContext old = stranger("TLSv1.2", null).build();
    Handshake tls = handshake(old, server(server, issued(WEB)));

    assertThatThrownBy(tls::run).isInstanceOf(SSLException.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = TlsEngine.class,
      names = {"OPENSSL", "JDK"})
  void otherCipherNeverTaken(TlsEngine server) throws Exception {
    IssuedCertificate own = issued(CLIENT);
    SslContext chacha =
        stranger("TLSv1.3", List.of("TLS_CHACHA20_POLY1305_SHA256"))
            .keyManager(own.key(), own.leaf())
            .build();
    Handshake tls = handshake(chacha, server(server, issued(WEB)));

    assertThatThrownBy(
            () -> {
              tls.run();
              PeerIdentity.of(tls.server.getSession());
            })
        .isInstanceOf(SSLException.class);
  }

  /**
   * Istio's peers choose the certificate by address, and Envoy would choose a chain by the name.
   */
  @ParameterizedTest
  @EnumSource(
      value = TlsEngine.class,
      names = {"OPENSSL", "JDK"})
  void clientNamesNoServer(TlsEngine client) throws Exception {
    Handshake tls = handshake(client(client, issued(CLIENT)), server(client, issued(WEB)));
    tls.run();

    assertThat(HelloExtensions.of(tls.clientHello))
        .doesNotContain(HelloExtensions.SERVER_NAME)
        .contains(HelloExtensions.ALPN);
  }
}
