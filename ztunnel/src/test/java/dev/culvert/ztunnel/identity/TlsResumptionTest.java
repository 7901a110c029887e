// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No session is resumed: each connection proves both its ends anew. */
final class TlsResumptionTest extends TlsCase {
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
}
