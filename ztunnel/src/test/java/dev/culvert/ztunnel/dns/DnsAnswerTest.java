// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DnsAnswerTest {
  private static final String NAME = "web.shop.svc.cluster.local";
  private static final List<InetAddress> ADDRESS = List.of(InetAddress.ofLiteral("198.18.0.1"));

  private static List<InetAddress> addresses(int count) {
    return IntStream.range(1, count + 1)
        .mapToObj(i -> InetAddress.ofLiteral("198.18.%d.%d".formatted(i / 250, i % 250 + 1)))
        .toList();
  }

  private static TestAnswer answer(byte[] query, String host, List<InetAddress> all, int limit)
      throws Exception {
    return new TestAnswer(DnsAnswer.addresses(TestQuery.read(query), host, all, limit));
  }

  @Test
  void fullNameAnsweredWithAuthority() throws Exception {
    TestAnswer answer = answer(TestQuery.of(NAME, TestQuery.A), NAME, ADDRESS, 512);

    assertThat(answer.id).isEqualTo(TestQuery.ID);
    assertThat(answer.flags).isEqualTo(0x8580);
    assertThat(answer.addresses).containsExactly("198.18.0.1");
    assertThat(answer.owners).containsExactly(NAME + ".");
    assertThat(answer.ttls).containsExactly(30L);
    assertThat(answer.optSize).isNegative();
  }

  @Test
  void anotherNameIsAnAlias() throws Exception {
    TestAnswer answer = answer(TestQuery.of("web", TestQuery.A), NAME, ADDRESS, 512);

    assertThat(answer.aliases).containsExactly(NAME + ".");
    assertThat(answer.owners).containsExactly("web.", NAME + ".");
    assertThat(answer.addresses).containsExactly("198.18.0.1");
  }

  @Test
  void noAddressIsNoError() throws Exception {
    TestAnswer answer = answer(TestQuery.of(NAME, TestQuery.AAAA), NAME, List.of(), 512);

    assertThat(answer.code()).isZero();
    assertThat(answer.answers).isZero();
    assertThat(answer.isAuthoritative()).isTrue();
  }

  @Test
  void whatDoesNotFitIsAnnounced() throws Exception {
    TestAnswer small = answer(TestQuery.of(NAME, TestQuery.A), NAME, addresses(100), 512);
    assertThat(small.bytes).isLessThanOrEqualTo(512);
    assertThat(small.isTruncated()).isTrue();
    assertThat(small.addresses).hasSize(29).doesNotHaveDuplicates();

    byte[] large = TestQuery.withEdns(NAME, TestQuery.A, 4096, false);
    TestAnswer all = answer(large, NAME, addresses(100), 4096);
    assertThat(all.isTruncated()).isFalse();
    assertThat(all.addresses).hasSize(100);
  }

  @Test
  void aliasThatLeavesNoRoomIsLeftOut() throws Exception {
    String host = String.join(".", Collections.nCopies(4, "x".repeat(60)));
    String asked = String.join(".", Collections.nCopies(4, "y".repeat(60)));
    TestAnswer answer = answer(TestQuery.of(asked, TestQuery.A), host, ADDRESS, 512);

    assertThat(answer.bytes).isLessThanOrEqualTo(512);
    assertThat(answer.isTruncated()).isTrue();
    assertThat(answer.answers).isZero();
  }

  @Test
  void ednsAnsweredWithOurs() throws Exception {
    TestAnswer answer =
        answer(TestQuery.withEdns(NAME, TestQuery.A, 4096, true), NAME, ADDRESS, 4096);

    assertThat(answer.optSize).isEqualTo(Edns.OUR_SIZE);
    assertThat(answer.dnssecOk).isTrue();
    assertThat(answer.addresses).containsExactly("198.18.0.1");
  }

  @Test
  void unknownVersionOfEdns() throws Exception {
    byte[] query = TestQuery.withEdns(NAME, TestQuery.A, 4096, 1, false, TestQuery.NO_OPTIONS);
    TestAnswer answer = new TestAnswer(DnsAnswer.error(TestQuery.read(query), DnsAnswer.BADVERS));

    assertThat(answer.extendedCode).isEqualTo(1);
    assertThat(answer.code()).isZero();
  }

  @Test
  void capitalsAndFlagsRepeated() throws Exception {
    byte[] query = TestQuery.withFlags(0x0110, "WeB.sHoP", TestQuery.A);
    TestAnswer answer = answer(query, "web.shop", ADDRESS, 512);

    assertThat(answer.question).isEqualTo("WeB.sHoP.");
    assertThat(answer.flags).isEqualTo(0x8590);
    assertThat(answer.aliases).isEmpty();
  }

  @Test
  void unreadableQueryAnsweredUnreadableAnswerNot() throws Exception {
    byte[] query = TestQuery.of(NAME, TestQuery.A);
    query[5] = 0;
    TestAnswer answer = new TestAnswer(DnsAnswer.formatError(query).orElseThrow());
    assertThat(answer.code()).isEqualTo(DnsAnswer.FORMERR);
    assertThat(answer.id).isEqualTo(TestQuery.ID);

    query[2] = (byte) 0x80;
    assertThat(DnsAnswer.formatError(query)).isEmpty();
    assertThat(DnsAnswer.formatError(new byte[11])).isEmpty();
  }
}
