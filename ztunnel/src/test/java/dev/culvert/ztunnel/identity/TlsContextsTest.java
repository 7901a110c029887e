// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.ztunnel.peers.TestCa;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSession;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsContextsTest {
  private static final TrustDomain DOMAIN = new TrustDomain("cluster.local");
  private static final String WEB = "spiffe://cluster.local/ns/shop/sa/web";
  private static final String CLIENT = "spiffe://cluster.local/ns/shop/sa/client";
  private static final Duration HOUR = Duration.ofHours(1);

  /** X25519MLKEM768 in a key_share or supported_groups (draft-ietf-tls-ecdhe-mlkem). */
  private static final byte[] POST_QUANTUM = {0x11, (byte) 0xec};

  private final TestCa ca = new TestCa("mesh root");

  private static Stream<Arguments> engines() {
    return Stream.of(TlsEngine.OPENSSL, TlsEngine.JDK)
        .flatMap(a -> Stream.of(TlsEngine.OPENSSL, TlsEngine.JDK).map(b -> Arguments.of(a, b)));
  }

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

  /** Else its next connection would count as the identity of this one, without a certificate. */
  @ParameterizedTest
  @EnumSource(
      value = TlsEngine.class,
      names = {"OPENSSL", "JDK"})
  void clientThatWouldResumeIsGivenNoTicket(TlsEngine server) throws Exception {
    assertThat(hellosOfAClientThatResumes(server(server, issued(WEB))))
        .noneMatch(hello -> hello.contains(HelloExtensions.PRE_SHARED_KEY));
  }

  @ParameterizedTest
  @EnumSource(
      value = SslProvider.class,
      names = {"OPENSSL", "JDK"})
  void suchAClientResumesWhereItMay(SslProvider server) throws Exception {
    IssuedCertificate own = issued(WEB);
    SslContext stock =
        generous(SslContextBuilder.forServer(own.key(), own.leaf()).clientAuth(ClientAuth.REQUIRE))
            .sslProvider(server)
            .build();

    assertThat(hellosOfAClientThatResumes(stock).getLast())
        .contains(HelloExtensions.PRE_SHARED_KEY);
  }

  /** What two connections of one client ask for, whom the server has told something each time. */
  private List<List<Integer>> hellosOfAClientThatResumes(SslContext server) throws Exception {
    IssuedCertificate own = issued(CLIENT);
    SslContext client =
        generous(SslContextBuilder.forClient().keyManager(own.key(), own.leaf()))
            .endpointIdentificationAlgorithm(null)
            .build();
    List<List<Integer>> hellos = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Handshake tls =
          new Handshake(
              client.newEngine(ByteBufAllocator.DEFAULT, "web", 15008),
              server.newEngine(ByteBufAllocator.DEFAULT));
      tls.run();
      tls.tellClient();
      hellos.add(HelloExtensions.of(tls.clientHello));
    }
    return hellos;
  }

  @Test
  void postQuantumKeyExchangeOfferedAndTaken() throws Exception {
    Handshake tls =
        handshake(
            client(TlsEngine.OPENSSL, issued(CLIENT)), server(TlsEngine.OPENSSL, issued(WEB)));
    tls.run();

    assertThat(tls.clientHello).containsSequence(POST_QUANTUM);
    assertThat(tls.serverHello).containsSequence(POST_QUANTUM);
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

  /** A server that hands out tickets, as Java's does: none is ever shown again. */
  @ParameterizedTest
  @EnumSource(
      value = TlsEngine.class,
      names = {"OPENSSL", "JDK"})
  void ticketOfAServerIsNotUsed(TlsEngine client) throws Exception {
    SslContext clientSide = client(client, issued(CLIENT));
    IssuedCertificate own = issued(WEB);
    SslContext generous =
        generous(SslContextBuilder.forServer(own.key(), own.leaf()).clientAuth(ClientAuth.REQUIRE))
            .build();
    Handshake first = handshake(clientSide, generous);
    first.run();
    Handshake second = handshake(clientSide, generous);
    second.run();

    assertThat(first.afterHandshake).as("tickets").isPositive();
    assertThat(HelloExtensions.of(second.clientHello))
        .doesNotContain(HelloExtensions.PRE_SHARED_KEY);
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

  /** As a stock peer: believes anybody, and lets sessions be resumed. */
  private static SslContextBuilder generous(SslContextBuilder builder) {
    return builder
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.3")
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .applicationProtocolConfig(h2());
  }

  private static ApplicationProtocolConfig h2() {
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        SelectorFailureBehavior.NO_ADVERTISE,
        SelectedListenerFailureBehavior.ACCEPT,
        "h2");
  }

  private SslContext client(TlsEngine engine, IssuedCertificate certificate) {
    try {
      return new TlsContexts(engine, PostQuantum.PREFERRED).client(certificate);
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  private SslContext server(TlsEngine engine, IssuedCertificate certificate) {
    try {
      return new TlsContexts(engine, PostQuantum.PREFERRED).server(certificate);
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SslContextBuilder stranger(String protocol, List<String> ciphers) {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .protocols(protocol)
            .endpointIdentificationAlgorithm(null)
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .applicationProtocolConfig(h2());
    return ciphers == null ? builder : builder.ciphers(ciphers);
  }

  private IssuedCertificate issued(String... uris) {
    return issued(ca, uris[0], HOUR, ca, uris);
  }

  private static IssuedCertificate issued(
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

  private static Handshake handshake(SslContext client, SslContext server) {
    return new Handshake(
        client.newEngine(ByteBufAllocator.DEFAULT), server.newEngine(ByteBufAllocator.DEFAULT));
  }

  /** Two engines that talk through memory. */
  private static final class Handshake {
    private final SSLEngine client;
    private final SSLEngine server;
    private final ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
    private final ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
    private byte[] clientHello = {};
    private byte[] serverHello = {};
    private final SSLException failure = new SSLException("the handshake failed");
    private int afterHandshake;

    Handshake(SSLEngine client, SSLEngine server) {
      this.client = client;
      this.server = server;
    }

    void run() throws SSLException {
      client.beginHandshake();
      server.beginHandshake();
      for (int round = 0; round < 60; round++) {
        step(client, toClient, toServer);
        clientHello = clientHello.length == 0 ? copy(toServer) : clientHello;
        boolean done = isDone(client);
        int before = toClient.position();
        step(server, toServer, toClient);
        serverHello = serverHello.length == 0 ? copy(toClient) : serverHello;
        afterHandshake += done ? toClient.position() - before : 0;
      }
      if (failure.getSuppressed().length > 0) {
        throw failure;
      }
      assertThat(isDone(client) && isDone(server)).isTrue();
    }

    /** Something of the app, and with it what the server's TLS had to say before. */
    void tellClient() throws SSLException {
      server.wrap(ByteBuffer.wrap(new byte[] {1}), toClient);
      toClient.flip();
      while (toClient.hasRemaining()) {
        client.unwrap(toClient, ByteBuffer.allocate(1 << 16));
        runTasks(client);
      }
      toClient.clear();
    }

    /** The side that refuses says why only after its alert is out: both go on after a failure. */
    private void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) {
      try {
        runTasks(engine);
        in.flip();
        if (in.hasRemaining()) {
          engine.unwrap(in, ByteBuffer.allocate(1 << 16));
        }
      } catch (SSLException e) {
        failure.addSuppressed(e);
      } finally {
        in.compact();
      }
      try {
        runTasks(engine);
        engine.wrap(ByteBuffer.allocate(0), out);
      } catch (SSLException e) {
        failure.addSuppressed(e);
      }
    }

    private static void runTasks(SSLEngine engine) {
      for (Runnable task = engine.getDelegatedTask(); task != null; ) {
        task.run();
        task = engine.getDelegatedTask();
      }
    }

    private static boolean isDone(SSLEngine engine) {
      return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
          && engine.getSession().getProtocol().equals("TLSv1.3");
    }

    private static byte[] copy(ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.position()];
      buffer.get(0, bytes);
      return bytes;
    }
  }
}
