// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AnswerCacheTest {
  private static final int NXDOMAIN = 3;

  private final byte[] packet = TestQuery.of("example.org", TestQuery.A);
  private final DnsQuery query = TestQuery.read(packet);
  private long nanos;
  private final AnswerCache cache = new AnswerCache(8192, () -> nanos);

  private static ResolverAnswer answer(TestReply reply) {
    return ResolverAnswer.of(DnsMessage.read(reply.bytes()).orElseThrow());
  }

  private static AnswerCache.Key key(byte[] packet) {
    return AnswerCache.Key.of(Optional.empty(), TestQuery.read(packet));
  }

  private long seconds(TestReply reply) {
    return AnswerCache.seconds(answer(reply));
  }

  private TestReply reply() {
    return TestReply.to(packet);
  }

  private Optional<byte[]> got() {
    return cache.get(key(packet), query, 512);
  }

  private void after(long seconds) {
    nanos += TimeUnit.SECONDS.toNanos(seconds);
  }

  @Test
  void positiveForItsLeastTimeToLive() {
    assertThat(seconds(reply().address(60, "198.18.0.1").address(20, "198.18.0.2"))).isEqualTo(20);
    assertThat(seconds(reply().alias(5, "a.org").address(20, "198.18.0.2"))).isEqualTo(5);
    assertThat(seconds(reply().address(0, "198.18.0.1"))).isZero();
    assertThat(seconds(reply().address(-1, "198.18.0.1"))).isZero();
    assertThat(seconds(reply().address(86_400, "198.18.0.1"))).isEqualTo(3600);
  }

  @Test
  void negativeByTheSoa() {
    assertThat(seconds(reply().code(NXDOMAIN).soa(600, 60))).isEqualTo(60);
    assertThat(seconds(reply().code(NXDOMAIN).soa(30, 60))).isEqualTo(30);
    assertThat(seconds(reply().soa(600, 60))).isEqualTo(60);
    assertThat(seconds(reply().alias(10, "a.org").soa(600, 60))).isEqualTo(10);
    assertThat(seconds(reply().code(NXDOMAIN))).isZero();
    assertThat(seconds(reply())).isZero();
    assertThat(seconds(reply().alias(10, "a.org"))).isZero();
  }

  @Test
  void failuresAndPartsAreNotKept() {
    assertThat(seconds(reply().code(2).soa(600, 60))).isZero();
    assertThat(seconds(reply().flags(DnsMessage.TC).address(60, "198.18.0.1"))).isZero();
    assertThat(seconds(reply().address(60, "198.18.0.1").opt(1232, 1))).isZero();
  }

  @Test
  void toldWithWhatIsLeft() throws Exception {
    cache.put(key(packet), answer(reply().flags(DnsMessage.AA).address(60, "198.18.0.1")));
    after(25);

    TestAnswer answer = new TestAnswer(got().orElseThrow());
    assertThat(answer.ttls).containsExactly(35L);
    assertThat(answer.addresses).containsExactly("198.18.0.1");
    assertThat(answer.isAuthoritative()).isFalse();

    after(35);
    assertThat(got()).isEmpty();
    assertThat(cache.size()).isZero();
  }

  @Test
  void questionRepeatedAsThisQueryWroteIt() throws Exception {
    cache.put(key(packet), answer(reply().address(60, "198.18.0.1").opt(1232, 0)));
    byte[] other = TestQuery.withEdns("ExAmPlE.org", TestQuery.A, 1232, false);

    TestAnswer answer =
        new TestAnswer(cache.get(key(other), TestQuery.read(other), 512).orElseThrow());
    assertThat(answer.question).isEqualTo("ExAmPlE.org.");
    assertThat(answer.optSize).isEqualTo(Edns.OUR_SIZE);
    assertThat(new TestAnswer(got().orElseThrow()).optSize).isNegative();
  }

  @Test
  void queriesThatMayBeAnsweredOtherwiseStayApart() {
    cache.put(key(packet), answer(reply().address(60, "198.18.0.1")));

    byte[] dnssec = TestQuery.withEdns("example.org", TestQuery.A, 1232, true);
    assertThat(cache.get(key(dnssec), TestQuery.read(dnssec), 512)).isEmpty();
    byte[] checkingDisabled = TestQuery.withFlags(0x0110, "example.org", TestQuery.A);
    assertThat(cache.get(key(checkingDisabled), query, 512)).isEmpty();
    assertThat(cache.get(key(TestQuery.of("example.org", TestQuery.AAAA)), query, 512)).isEmpty();
    var otherResolver =
        Optional.of(new InetSocketAddress(InetAddress.ofLiteral("198.18.0.53"), 53));
    assertThat(cache.get(AnswerCache.Key.of(otherResolver, query), query, 512)).isEmpty();
  }

  @Test
  void longestUnusedGoesFirst() {
    byte[] first = TestQuery.of("first.org", TestQuery.A);
    cache.put(key(first), answer(TestReply.to(first).address(60, "198.18.0.1")));
    for (int i = 0; i < 100; i++) {
      byte[] other = TestQuery.of("n" + i + ".org", TestQuery.A);
      cache.put(key(other), answer(TestReply.to(other).address(60, "198.18.0.1")));
      assertThat(cache.get(key(first), TestQuery.read(first), 512)).isPresent();
      assertThat(cache.size()).isLessThanOrEqualTo(8192);
    }
    assertThat(cache.get(key(TestQuery.of("n0.org", TestQuery.A)), query, 512)).isEmpty();
  }

  @Test
  void oneAnswerDoesNotTakeItAll() {
    cache.put(key(packet), answer(reply().address(60, "198.18.0.1").text(60, 2000)));

    assertThat(got()).isEmpty();
    assertThat(cache.size()).isZero();
  }

  @Test
  void sizeOfZeroKeepsNothing() {
    AnswerCache none = new AnswerCache(0, () -> nanos);
    none.put(key(packet), answer(reply().address(60, "198.18.0.1")));

    assertThat(none.get(key(packet), query, 512)).isEmpty();
  }

  @Test
  void queriesWithOptionsPassBy() {
    byte[] subnet = {0, 8, 0, 4, 0, 1, 24, 0};
    byte[] asked = TestQuery.withEdns("example.org", TestQuery.A, 1232, 0, false, subnet);

    assertThat(AnswerCache.serves(TestQuery.read(asked))).isFalse();
    assertThat(AnswerCache.serves(query)).isTrue();
  }
}
