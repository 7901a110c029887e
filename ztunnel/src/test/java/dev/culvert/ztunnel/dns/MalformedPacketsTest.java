// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.xds.Resources;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Packets that differ from good ones by some bytes; what is left is judged by Netty's codec. */
class MalformedPacketsTest {
  private static final int ROUNDS = 200_000;

  private final Random random = new Random(53);

  private byte[] changed(byte[] good) {
    byte[] packet = good.clone();
    for (int change = random.nextInt(6); change > 0; change--) {
      packet[random.nextInt(packet.length)] = (byte) random.nextInt(256);
    }
    return random.nextInt(4) == 0
        ? Arrays.copyOf(packet, random.nextInt(packet.length + 8))
        : packet;
  }

  @Test
  void anyQueryReadOrRefused() throws Exception {
    byte[] option = {0, 8, 0, 4, 0, 1, 24, 0};
    byte[] good = TestQuery.withEdns("web.shop.svc", TestQuery.A, 1232, 0, true, option);
    int read = 0;
    for (int i = 0; i < ROUNDS; i++) {
      byte[] packet = changed(good);
      Optional<DnsQuery> query = DnsQuery.read(packet);
      if (query.isPresent()) {
        read++;
        judge(query.get());
      } else {
        Optional<byte[]> error = DnsAnswer.formatError(packet);
        if (error.isPresent()) {
          assertThat(new TestAnswer(error.get()).code()).isEqualTo(DnsAnswer.FORMERR);
        }
      }
    }
    assertThat(read).isBetween(ROUNDS / 100, ROUNDS);
  }

  private static void judge(DnsQuery query) throws Exception {
    assertThat(query.question()).isNotEmpty();
    assertThat(DnsQuery.read(query.upstream(1))).isPresent();
    int code = new TestAnswer(DnsAnswer.error(query, DnsAnswer.SERVFAIL)).code();
    assertThat(code).isEqualTo(DnsAnswer.SERVFAIL);
  }

  @Test
  void anyAnswerReadOrRefused() throws Exception {
    byte[] asked = TestQuery.withEdns("example.org", TestQuery.A, 1232, false);
    DnsQuery query = TestQuery.read(asked);
    byte[] good =
        TestReply.to(asked)
            .alias(60, "a.org")
            .address(60, "198.18.0.1")
            .soa(60, 60)
            .additional("198.18.0.2")
            .opt(1232, 0, new byte[] {0, 15, 0, 2, 0, 1})
            .bytes();
    AnswerCache cache = new AnswerCache(1 << 16, () -> 0);
    AnswerCache.Key key = AnswerCache.Key.of(Optional.empty(), query);
    int read = 0;
    for (int i = 0; i < ROUNDS; i++) {
      Optional<ResolverAnswer> answer = ResolverAnswer.read(changed(good), query, TestQuery.ID);
      if (answer.isPresent()) {
        read++;
        cache.put(key, answer.get());
        Optional<byte[]> kept = cache.get(key, query, 512);
        int limit = 64 + random.nextInt(600);
        assertThat(kept.isEmpty() || DnsMessage.read(kept.get()).isPresent()).isTrue();
        byte[] told = answer.get().to(query, limit);
        assertThat(told.length).isLessThanOrEqualTo(limit);
        assertThat(DnsMessage.read(told)).isPresent();
      }
    }
    assertThat(read).isBetween(ROUNDS / 100, ROUNDS);
  }

  @Test
  void nothingThrownOrLeakedByTheProxy() throws Exception {
    FakeResolver.Answering broken =
        (query, tcp) -> changed(TestReply.to(query).address(60, "198.18.7.7").opt(512, 0).bytes());
    try (FakeResolver resolver = new FakeResolver(broken);
        DnsLab lab = new DnsLab(DnsLab.settings(resolver.address()), resolver.address())) {
      Resources.push(lab.mesh, Resources.resource(Resources.service("shop", "web", "198.18.1.1")));
      byte[] known = TestQuery.withEdns("web", TestQuery.A, 1232, false);
      for (int i = 0; i < 20_000; i++) {
        boolean elsewhere = i % 40 == 0;
        lab.send(changed(elsewhere ? TestQuery.of("n" + i + ".org", TestQuery.A) : known));
      }
      try (DnsLab.Connection client = lab.connect()) {
        for (int i = 0; i < 50; i++) {
          client.send(TestQuery.of("t" + i + ".org", TestQuery.A));
        }
      }
      byte[] last = TestQuery.of(7, "web", TestQuery.A);
      lab.send(last);
      while (DnsMessage.u16(lab.receiveBytes(), 0) != 7) {
        lab.send(last);
      }
    }
    assertThat(LeakWatch.leaks()).isEmpty();
  }
}
