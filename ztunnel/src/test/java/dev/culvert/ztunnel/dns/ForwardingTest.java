// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.peers.Await;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What others answer. */
class ForwardingTest {
  private static final int NXDOMAIN = 3;

  private DnsLab lab;

  @AfterEach
  void stop() {
    if (lab != null) {
      lab.close();
    }
  }

  private void start(FakeResolver... resolvers) throws Exception {
    InetSocketAddress[] addresses =
        Arrays.stream(resolvers).map(FakeResolver::address).toArray(InetSocketAddress[]::new);
    lab = new DnsLab(DnsLab.settings(addresses), addresses[0]);
  }

  private static byte[] address(byte[] query) {
    return TestReply.to(query).address(60, "198.18.7.7").bytes();
  }

  private static FakeResolver answering() throws Exception {
    return new FakeResolver((query, tcp) -> address(query));
  }

  private static FakeResolver silent() throws Exception {
    return new FakeResolver((query, tcp) -> null);
  }

  @Test
  void answerOfTheResolverHandedOnAndKept() throws Exception {
    try (FakeResolver resolver = answering()) {
      start(resolver);

      assertThat(lab.ask("example.org", TestQuery.A).addresses).containsExactly("198.18.7.7");
      assertThat(lab.ask("EXAMPLE.org", TestQuery.A).addresses).containsExactly("198.18.7.7");
      assertThat(resolver.queries()).hasSize(1);
      assertThat(lab.count("istio_dns_upstream_requests")).isEqualTo(1);
      assertThat(lab.count("culvert_dns_cache_hits")).isEqualTo(1);
      assertThat(lab.registry.timer("istio_dns_upstream_request_duration").count()).isEqualTo(1);
    }
  }

  @Test
  void noSuchNameKeptByTheSoa() throws Exception {
    try (FakeResolver resolver =
        new FakeResolver((query, tcp) -> TestReply.to(query).code(NXDOMAIN).soa(600, 60).bytes())) {
      start(resolver);

      assertThat(lab.ask("example.org", TestQuery.A).code()).isEqualTo(NXDOMAIN);
      assertThat(lab.ask("example.org", TestQuery.A).authorities).isEqualTo(1);
      assertThat(resolver.queries()).hasSize(1);
    }
  }

  @Test
  void idsAndPortsDiffer() throws Exception {
    try (FakeResolver resolver = answering()) {
      start(resolver);
      Set<Integer> ids = new HashSet<>();
      for (int i = 0; i < 32; i++) {
        lab.ask("n" + i + ".example.org", TestQuery.A);
        ids.add(DnsMessage.u16(resolver.queries().get(i), 0));
      }
      assertThat(ids).hasSizeGreaterThan(28);
      assertThat(new HashSet<>(resolver.clients())).hasSizeGreaterThan(28);
    }
  }

  @Test
  void forgeriesIgnored() throws Exception {
    AtomicInteger count = new AtomicInteger();
    try (FakeResolver resolver = silent();
        DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      start(resolver);
      lab.send(TestQuery.of("example.org", TestQuery.A));
      Await.until("the query came", () -> !resolver.queries().isEmpty());
      byte[] query = resolver.queries().getFirst();
      InetSocketAddress proxy = resolver.clients().getFirst();
      byte[] good = TestReply.to(query).address(60, "198.18.7.7").bytes();
      byte[] forged = TestReply.to(query).address(60, "198.18.6.6").bytes();
      stranger.send(new DatagramPacket(forged, forged.length, proxy));
      byte[] otherId = forged.clone();
      otherId[1]++;
      byte[] otherName = forged.clone();
      otherName[13] = 'E';
      for (byte[] bad : List.of(otherId, otherName, new byte[] {1, 2}, query)) {
        resolver.send(bad, proxy);
        count.incrementAndGet();
      }
      resolver.send(good, proxy);

      assertThat(lab.receive().addresses).containsExactly("198.18.7.7");
      assertThat(count).hasValue(4);
    }
  }

  @Test
  void sameQueriesGoOutOnce() throws Exception {
    try (FakeResolver resolver = silent()) {
      start(resolver);
      for (int id = 1; id <= 10; id++) {
        lab.send(TestQuery.of(id, "example.org", TestQuery.A));
      }
      Await.until("all are taken", () -> lab.count("istio_dns_requests") == 10);
      Await.until("one came", () -> !resolver.queries().isEmpty());
      byte[] query = resolver.queries().getFirst();
      resolver.send(address(query), resolver.clients().getFirst());
      Set<Integer> answered = new HashSet<>();
      for (int i = 0; i < 10; i++) {
        answered.add(lab.receive().id);
      }
      assertThat(answered).hasSize(10);
      assertThat(resolver.queries()).hasSize(1);
    }
  }

  @Test
  void nextResolverAskedWhenOneIsSilent() throws Exception {
    try (FakeResolver silent = silent();
        FakeResolver resolver = answering()) {
      start(silent, resolver);

      assertThat(lab.ask("example.org", TestQuery.A).addresses).containsExactly("198.18.7.7");
      assertThat(lab.count("istio_dns_upstream_failures")).isEqualTo(1);
    }
  }

  @Test
  void nextResolverAskedAtOnceWhenOneIsGone() throws Exception {
    FakeResolver gone = answering();
    gone.close();
    try (FakeResolver resolver = answering()) {
      start(gone, resolver);

      assertThat(lab.ask("example.org", TestQuery.A).addresses).containsExactly("198.18.7.7");
    }
  }

  @Test
  void nextResolverAskedWhenOneRefuses() throws Exception {
    try (FakeResolver refusing =
            new FakeResolver((query, tcp) -> TestReply.to(query).code(5).bytes());
        FakeResolver resolver = answering()) {
      start(refusing, resolver);

      assertThat(lab.ask("example.org", TestQuery.A).addresses).containsExactly("198.18.7.7");
    }
  }

  @Test
  void refusalHandedOnWhenAllRefuse() throws Exception {
    try (FakeResolver refusing =
        new FakeResolver((query, tcp) -> TestReply.to(query).code(5).bytes())) {
      start(refusing);

      assertThat(lab.ask("example.org", TestQuery.A).code()).isEqualTo(DnsAnswer.REFUSED);
      assertThat(refusing.queries()).hasSize(2);
    }
  }

  @Test
  void failureWhenAllAreSilent() throws Exception {
    try (FakeResolver silent = silent()) {
      start(silent);

      assertThat(lab.ask("example.org", TestQuery.A).code()).isEqualTo(DnsAnswer.SERVFAIL);
      assertThat(silent.queries()).hasSize(2);
      assertThat(lab.count("istio_dns_upstream_failures")).isEqualTo(2);
    }
  }

  @Test
  void truncatedAnswerFetchedOverTcp() throws Exception {
    try (FakeResolver resolver = new FakeResolver(ForwardingTest::largeOverTcp)) {
      start(resolver);
      TestAnswer small = lab.ask("example.org", TestQuery.TXT);
      assertThat(small.isTruncated()).isTrue();
      assertThat(small.bytes).isLessThanOrEqualTo(512);

      TestAnswer large = lab.ask(TestQuery.withEdns("example.org", TestQuery.TXT, 4096, false));
      assertThat(large.isTruncated()).isFalse();
      assertThat(large.bytes).isGreaterThan(2000);
      assertThat(resolver.tcpQueries()).hasSize(1);
      Await.until("the connection is over", () -> lab.upstream.ended().size() == 1);
      assertThat(lab.upstream.ended().getFirst().error()).isEmpty();
    }
  }

  private static byte[] largeOverTcp(byte[] query, boolean tcp) {
    return tcp
        ? TestReply.to(query).text(60, 2000).bytes()
        : TestReply.to(query).flags(DnsMessage.TC).bytes();
  }

  @Test
  void truncatedAnswerHandedOnWithoutTcp() throws Exception {
    try (FakeResolver resolver =
        new FakeResolver(
            (query, tcp) -> tcp ? null : TestReply.to(query).flags(DnsMessage.TC).bytes())) {
      start(resolver);

      assertThat(lab.ask("example.org", TestQuery.TXT).isTruncated()).isTrue();
    }
  }

  @Test
  void updatesGoOnUnchanged() throws Exception {
    try (FakeResolver resolver =
        new FakeResolver((query, tcp) -> TestReply.to(query).code(5).bytes())) {
      start(resolver);
      byte[] update = TestQuery.withFlags(5 << 11, "example.org", TestQuery.SOA);
      lab.send(update);
      byte[] answer = lab.receiveBytes();

      byte[] came = resolver.queries().getFirst();
      assertThat(Arrays.copyOfRange(came, 2, came.length))
          .isEqualTo(Arrays.copyOfRange(update, 2, update.length));
      assertThat(DnsMessage.u16(answer, 0)).isEqualTo(TestQuery.ID);
    }
  }

  @Test
  void floodOfOnePodIsBounded() throws Exception {
    try (FakeResolver silent = silent()) {
      lab =
          new DnsLab(
              DnsLab.settings(5, 1, Duration.ofSeconds(10), silent.address()), silent.address());
      for (int i = 0; i < 50; i++) {
        lab.send(TestQuery.of("n" + i + ".example.org", TestQuery.A));
      }
      for (int i = 0; i < 50; i++) {
        assertThat(lab.receive().code()).isEqualTo(DnsAnswer.SERVFAIL);
      }
      assertThat(lab.count("culvert_dns_refused", "limit", "queries")).isEqualTo(45);
    }
  }
}
