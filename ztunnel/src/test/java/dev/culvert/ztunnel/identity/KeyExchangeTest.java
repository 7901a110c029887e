// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSession;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The group of the key exchange, post-quantum where both sides can. */
final class KeyExchangeTest extends TlsCase {
  /** X25519MLKEM768 in a key_share or supported_groups (draft-ietf-tls-ecdhe-mlkem). */
  private static final byte[] POST_QUANTUM = {0x11, (byte) 0xec};

  @Test
  void postQuantumKeyExchangeOfferedAndTaken() throws Exception {
    Handshake tls =
        handshake(
            client(TlsEngine.OPENSSL, issued(CLIENT)), server(TlsEngine.OPENSSL, issued(WEB)));
    tls.run();

    assertThat(tls.clientHello).containsSequence(POST_QUANTUM);
    assertThat(tls.serverHello).containsSequence(POST_QUANTUM);
  }

  @ParameterizedTest
  @ValueSource(strings = {"X25519", "P-256", "P-384"})
  void classicalServerIsTakenAndItsGroupTold(String group) throws Exception {
    IssuedCertificate own = issued(WEB);
    SslContext classical =
        classical(SslContextBuilder.forServer(own.key(), own.leaf()), group)
            .clientAuth(ClientAuth.REQUIRE)
            .build();
    Handshake tls = handshake(client(TlsEngine.OPENSSL, issued(CLIENT)), classical);
    tls.run();

    assertThat(tls.clientHello).containsSequence(POST_QUANTUM);
    assertThat(group(tls.client)).isEqualTo(group);
  }

  @ParameterizedTest
  @ValueSource(strings = {"X25519", "P-256", "P-384"})
  void classicalClientIsTakenAndItsGroupTold(String group) throws Exception {
    IssuedCertificate own = issued(CLIENT);
    SslContext classical =
        classical(SslContextBuilder.forClient().keyManager(own.key(), own.leaf()), group)
            .endpointIdentificationAlgorithm(null)
            .build();
    Handshake tls = handshake(classical, server(TlsEngine.OPENSSL, issued(WEB)));
    tls.run();

    assertThat(PeerIdentity.of(tls.server.getSession())).hasToString(CLIENT);
    assertThat(group(tls.server)).isEqualTo(group);
  }

  @Test
  void requiredPostQuantumRefusesAClassicalPeer() throws Exception {
    IssuedCertificate own = issued(CLIENT);
    TlsContexts strict = new TlsContexts(TlsEngine.OPENSSL, PostQuantum.REQUIRED);
    SslContext classical =
        classical(SslContextBuilder.forClient().keyManager(own.key(), own.leaf()), "X25519")
            .endpointIdentificationAlgorithm(null)
            .build();

    assertThatThrownBy(handshake(classical, strict.server(issued(WEB)))::run)
        .isInstanceOf(SSLException.class);
    Handshake both = handshake(strict.client(issued(CLIENT)), strict.server(issued(WEB)));
    both.run();
    assertThat(group(both.server)).isEqualTo("X25519MLKEM768");
  }

  @Test
  void engineWithoutPostQuantumCannotBeRequiredToHaveIt() {
    assertThatThrownBy(() -> new TlsContexts(TlsEngine.JDK, PostQuantum.REQUIRED))
        .hasMessageContaining("tls-engine");
  }

  private static String group(SSLEngine engine) {
    return ((OpenSslSession) engine.getSession()).getNamedGroup();
  }

  private static SslContextBuilder classical(SslContextBuilder builder, String group) {
    return generous(builder)
        .sslProvider(SslProvider.OPENSSL)
        .option(OpenSslContextOption.GROUPS, new String[] {group});
  }
}
