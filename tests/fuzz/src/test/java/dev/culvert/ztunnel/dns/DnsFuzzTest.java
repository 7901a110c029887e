// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.fuzz.Allocation;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What pods ask and what resolvers answer. */
class DnsFuzzTest {
  private static final int UPSTREAM_ID = 0x1234;
  private static final List<InetAddress> IPV4 = addresses("198.18.0.1", "198.18.0.2");
  private static final List<InetAddress> IPV6 = addresses("fd00:c01::1", "fd00:c01::2");

  /** A pod's packet: what we make of it, for its resolver and for itself, can be read again. */
  @FuzzTest
  void query(byte[] packet) {
    Optional<DnsQuery> read = Allocation.bounded(packet, () -> DnsQuery.read(packet));
    if (read.isEmpty()) {
      DnsAnswer.formatError(packet).ifPresent(answer -> assertThat(answer).hasSize(12));
      return;
    }
    DnsQuery query = read.get();
    DnsQuery upstream = DnsQuery.read(query.upstream(UPSTREAM_ID)).orElseThrow();
    assertThat(upstream.id()).isEqualTo(UPSTREAM_ID);
    assertThat(upstream.question()).isEqualTo(query.question());
    isAnswer(query, DnsAnswer.error(query, DnsAnswer.SERVFAIL));
    if (query.asksForAddress()) {
      List<InetAddress> addresses = query.type() == DnsQuery.TYPE_A ? IPV4 : IPV6;
      for (String host : List.of(query.name(), "web.shop.svc.cluster.local")) {
        byte[] answer = DnsAnswer.addresses(query, host, addresses, query.datagramLimit());
        assertThat(answer.length).isLessThanOrEqualTo(query.datagramLimit());
        isAnswer(query, answer);
      }
    }
  }

  /** Two bytes of the query's length, the query, the answer of its resolver. */
  @FuzzTest
  void answerOfAResolver(byte[] input) {
    if (input.length < 2) {
      return;
    }
    int split = Math.min(input.length, 2 + DnsMessage.u16(input, 0));
    byte[] answer = Arrays.copyOfRange(input, split, input.length);
    DnsQuery.read(Arrays.copyOfRange(input, 2, split)).ifPresent(query -> answered(query, answer));
  }

  private static void answered(DnsQuery query, byte[] bytes) {
    Optional<ResolverAnswer> read =
        Allocation.bounded(bytes, () -> ResolverAnswer.read(bytes, query, UPSTREAM_ID));
    if (read.isEmpty()) {
      return;
    }
    byte[] told = read.get().to(query, query.datagramLimit());
    DnsMessage message = isAnswer(query, told);
    if (query.isPlain() && told.length > query.datagramLimit()) {
      // Nothing but the question and our OPT record is left when even they are too long.
      assertThat(message.records().size()).isLessThanOrEqualTo(1);
    }
  }

  private static DnsMessage isAnswer(DnsQuery query, byte[] bytes) {
    DnsMessage answer = DnsMessage.read(bytes).orElseThrow();
    assertThat(answer.flags() & DnsMessage.QR).isNotZero();
    assertThat(answer.id()).isEqualTo(query.id());
    assertThat(answer.name()).isEqualTo(query.name());
    assertThat(answer.type()).isEqualTo(query.type());
    return answer;
  }

  private static List<InetAddress> addresses(String... texts) {
    return Arrays.stream(texts).map(InetAddress::ofLiteral).toList();
  }
}
