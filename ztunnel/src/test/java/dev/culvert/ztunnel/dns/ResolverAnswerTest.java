// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResolverAnswerTest {
  private static final byte[] PLAIN = TestQuery.of("example.org", TestQuery.A);
  private static final byte[] EDNS = TestQuery.withEdns("example.org", TestQuery.A, 1400, true);

  private static Optional<ResolverAnswer> read(byte[] bytes) {
    return ResolverAnswer.read(bytes, TestQuery.read(PLAIN), TestQuery.ID);
  }

  private static TestAnswer to(byte[] query, TestReply reply, int limit) throws Exception {
    ResolverAnswer answer =
        ResolverAnswer.read(reply.bytes(), TestQuery.read(query), TestQuery.ID).orElseThrow();
    return new TestAnswer(answer.to(TestQuery.read(query), limit));
  }

  @Test
  void onlyAnAnswerToThisQuestionCounts() {
    byte[] good = TestReply.to(PLAIN).address(60, "198.18.0.1").bytes();
    assertThat(read(good)).isPresent();

    byte[] otherId = good.clone();
    otherId[0]++;
    byte[] otherName = good.clone();
    otherName[13] = 'E';
    byte[] otherType = good.clone();
    otherType[DnsMessage.read(good).orElseThrow().questionEnd() - 3] = 28;
    byte[] noAnswer = good.clone();
    noAnswer[2] &= 0x7f;
    byte[] otherOpcode = good.clone();
    otherOpcode[2] |= 0x28;
    for (byte[] bad : new byte[][] {otherId, otherName, otherType, noAnswer, otherOpcode, {}}) {
      assertThat(read(bad)).isEmpty();
    }
    assertThat(read(Arrays.copyOf(good, good.length - 1))).isEmpty();
  }

  @Test
  void optOfTheResolverIsNotPassedOn() throws Exception {
    TestReply reply = TestReply.to(PLAIN).address(60, "198.18.0.1").opt(4096, 0);

    assertThat(to(PLAIN, reply, 512).optSize).isNegative();
  }

  @Test
  void optAnsweredWithOurs() throws Exception {
    byte[] extendedError = {0, 15, 0, 2, 0, 3};
    byte[] cookie = {0, 10, 0, 1, 7};
    byte[] both = Arrays.copyOf(cookie, 11);
    System.arraycopy(extendedError, 0, both, 5, 6);
    TestAnswer answer =
        to(EDNS, TestReply.to(EDNS).address(60, "198.18.0.1").opt(4096, 1, both), 1400);

    assertThat(answer.optSize).isEqualTo(Edns.OUR_SIZE);
    assertThat(answer.extendedCode).isEqualTo(1);
    assertThat(answer.dnssecOk).isTrue();
    assertThat(answer.options).isEqualTo(extendedError);
    assertThat(answer.addresses).containsExactly("198.18.0.1");
  }

  @Test
  void ednsAnsweredEvenIfTheResolverHasNone() throws Exception {
    assertThat(to(EDNS, TestReply.to(EDNS), 1400).optSize).isEqualTo(Edns.OUR_SIZE);
  }

  @Test
  void cutBetweenRecords() throws Exception {
    TestReply reply = TestReply.to(PLAIN).address(60, "198.18.0.1").text(60, 400).text(60, 400);
    TestAnswer answer = to(PLAIN, reply, 512);

    assertThat(answer.isTruncated()).isTrue();
    assertThat(answer.answers).isEqualTo(2);
    assertThat(answer.bytes).isLessThanOrEqualTo(512);
    assertThat(to(PLAIN, reply, 4096).isTruncated()).isFalse();
  }

  @Test
  void roomIsKeptForOurOpt() throws Exception {
    TestReply reply = TestReply.to(EDNS).text(60, 470);
    TestAnswer answer = to(EDNS, reply, 512);

    assertThat(answer.isTruncated()).isTrue();
    assertThat(answer.optSize).isEqualTo(Edns.OUR_SIZE);
    assertThat(to(PLAIN, TestReply.to(PLAIN).text(60, 470), 512).isTruncated()).isFalse();
  }

  @Test
  void whatIsOnlyAdditionalMayBeMissing() throws Exception {
    TestReply reply = TestReply.to(PLAIN).text(60, 460).additional("198.18.0.1");
    TestAnswer answer = to(PLAIN, reply, 512);

    assertThat(answer.isTruncated()).isFalse();
    assertThat(answer.answers).isEqualTo(1);
    assertThat(answer.ttls).hasSize(1);
  }

  @Test
  void refusalsKnown() {
    assertThat(read(TestReply.to(PLAIN).code(2).bytes()).orElseThrow().isRefusal()).isTrue();
    assertThat(read(TestReply.to(PLAIN).code(5).bytes()).orElseThrow().isRefusal()).isTrue();
    assertThat(read(TestReply.to(PLAIN).code(3).bytes()).orElseThrow().isRefusal()).isFalse();
  }
}
