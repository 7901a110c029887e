// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static dev.culvert.ztunnel.xds.Resources.pod;
import static dev.culvert.ztunnel.xds.Resources.ports;
import static dev.culvert.ztunnel.xds.Resources.push;
import static dev.culvert.ztunnel.xds.Resources.resource;
import static dev.culvert.ztunnel.xds.Resources.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.dns.DnsLab.Connection;
import dev.culvert.ztunnel.peers.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** RFC 7766. */
class DnsOverTcpTest {
  private static final Duration IDLE = Duration.ofSeconds(10);

  /** Shorter than a resolver is waited for, longer than a busy machine stands still. */
  private static final Duration SHORT_IDLE = Duration.ofSeconds(1);

  private DnsLab lab;
  private FakeResolver resolver;

  @AfterEach
  void stop() throws Exception {
    lab.close();
    resolver.close();
  }

  private void start(Duration idle, FakeResolver.Answering answering) throws Exception {
    resolver = new FakeResolver(answering);
    lab = new DnsLab(DnsLab.settings(256, 2, idle, resolver.address()), resolver.address());
    push(lab.mesh, resource(service("shop", "web", "198.18.1.1")));
  }

  private static byte[] address(byte[] query, boolean tcp) {
    return TestReply.to(query).address(60, "198.18.7.7").bytes();
  }

  @Test
  void queriesOfOneConnectionAnsweredEach() throws Exception {
    start(IDLE, DnsOverTcpTest::address);
    try (Connection client = lab.connect()) {
      assertThat(client.ask(TestQuery.of("web", TestQuery.A)).addresses)
          .containsExactly("198.18.1.1");
      assertThat(client.ask(TestQuery.of("example.org", TestQuery.A)).addresses)
          .containsExactly("198.18.7.7");
    }
  }

  @Test
  void pipelinedQueriesAnsweredInAnyOrder() throws Exception {
    start(IDLE, DnsOverTcpTest::address);
    try (Connection client = lab.connect()) {
      for (int id = 1; id <= 500; id++) {
        String name = id % 5 == 0 ? "n" + id + ".example.org" : "web";
        client.send(TestQuery.of(id, name, TestQuery.A));
      }
      Set<Integer> answered = new HashSet<>();
      for (int id = 1; id <= 500; id++) {
        answered.add(client.receive().id);
      }
      assertThat(answered).hasSize(500);
    }
  }

  @Test
  void queryInPieces() throws Exception {
    start(IDLE, DnsOverTcpTest::address);
    try (Connection client = lab.connect()) {
      byte[] query = TestQuery.of("web", TestQuery.A);
      client.out.write(0);
      client.out.flush();
      client.out.write(query.length);
      client.out.write(query, 0, 5);
      client.out.flush();
      client.out.write(query, 5, query.length - 5);

      assertThat(client.receive().addresses).containsExactly("198.18.1.1");
    }
  }

  @Test
  void answersStillComeAfterTheEndOfQueries() throws Exception {
    start(IDLE, DnsOverTcpTest::address);
    try (Connection client = lab.connect()) {
      client.send(TestQuery.of("example.org", TestQuery.A));
      client.socket.shutdownOutput();

      assertThat(client.receive().addresses).containsExactly("198.18.7.7");
      assertThat(client.isAtEnd()).isTrue();
    }
  }

  @Test
  void allAddressesOfALargeService() throws Exception {
    start(IDLE, DnsOverTcpTest::address);
    push(lab.mesh, resource(service("shop", "headless")));
    for (int i = 1; i <= 200; i++) {
      push(
          lab.mesh,
          resource(
              pod("shop", "m" + i, "198.18.5." + i)
                  .putServices("shop/headless.shop.svc.cluster.local", ports(80, 80))));
    }
    assertThat(lab.ask("headless", TestQuery.A).isTruncated()).isTrue();
    try (Connection client = lab.connect()) {
      TestAnswer answer = client.ask(TestQuery.of("headless", TestQuery.A));
      assertThat(answer.addresses).hasSize(200);
      assertThat(answer.isTruncated()).isFalse();
    }
  }

  @Test
  void largeAnswerOfAResolver() throws Exception {
    start(
        IDLE,
        (query, tcp) ->
            tcp
                ? TestReply.to(query).text(60, 30_000).text(60, 30_000).bytes()
                : TestReply.to(query).flags(DnsMessage.TC).bytes());
    try (Connection client = lab.connect()) {
      assertThat(client.ask(TestQuery.of("example.org", TestQuery.TXT)).bytes)
          .isGreaterThan(60_000);
    }
  }

  @Test
  void idleConnectionClosed() throws Exception {
    start(SHORT_IDLE, DnsOverTcpTest::address);
    try (Connection client = lab.connect()) {
      assertThat(client.ask(TestQuery.of("web", TestQuery.A)).code()).isZero();
      assertThat(client.isAtEnd()).isTrue();
    }
  }

  @Test
  void bytesThatBecomeNoQueryDoNotKeepAConnection() throws Exception {
    start(SHORT_IDLE, DnsOverTcpTest::address);
    try (Connection client = lab.connect()) {
      client.out.writeShort(60_000);
      Await.until("the connection is closed", () -> isBroken(client));
    }
  }

  private static boolean isBroken(Connection client) {
    try {
      client.out.write(0);
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void connectionThatWaitsForAResolverIsNotIdle() throws Exception {
    start(SHORT_IDLE, (query, tcp) -> null);
    try (Connection client = lab.connect()) {
      assertThat(client.ask(TestQuery.of("example.org", TestQuery.A)).code())
          .isEqualTo(DnsAnswer.SERVFAIL);
    }
  }

  @Test
  void whatIsNoQueryEndsTheConnection() throws Exception {
    start(IDLE, DnsOverTcpTest::address);
    try (Connection client = lab.connect()) {
      byte[] bad = TestQuery.of("web", TestQuery.A);
      bad[12] = (byte) 0xc0;
      assertThat(client.ask(bad).code()).isEqualTo(DnsAnswer.FORMERR);
      assertThat(client.isAtEnd()).isTrue();
    }
    try (Connection client = lab.connect()) {
      client.out.writeShort(0);
      assertThat(client.isAtEnd()).isTrue();
    }
  }

  @Test
  void connectionsOfOnePodAreBounded() throws Exception {
    start(IDLE, DnsOverTcpTest::address);
    try (Connection first = lab.connect();
        Connection second = lab.connect()) {
      assertThat(first.ask(TestQuery.of("web", TestQuery.A)).code()).isZero();
      assertThat(second.ask(TestQuery.of("web", TestQuery.A)).code()).isZero();
      try (Connection third = lab.connect()) {
        Await.until("the third is refused", () -> isBroken(third));
      }
      assertThat(lab.count("culvert_dns_refused", "limit", "connections")).isEqualTo(1);
    }
    Await.until("there is room again", this::answersOverTcp);
  }

  private boolean answersOverTcp() {
    try (Connection again = lab.connect()) {
      return again.ask(TestQuery.of("web", TestQuery.A)).code() == 0;
    } catch (Exception refused) {
      return false;
    }
  }
}
