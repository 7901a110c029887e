// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DnsQueryTest {
  private static final String NAME = "web.shop.svc.cluster.local";

  private static byte[] options(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static void assertRefused(byte[] packet) {
    assertThat(DnsQuery.read(packet)).isEmpty();
  }

  @Test
  void questionRead() {
    DnsQuery query = TestQuery.read(TestQuery.of(0x1234, NAME, TestQuery.A));

    assertThat(query.id()).isEqualTo(0x1234);
    assertThat(query.name()).isEqualTo(NAME);
    assertThat(query.asksForAddress()).isTrue();
    assertThat(query.edns()).isEmpty();
    assertThat(query.datagramLimit()).isEqualTo(512);
  }

  @Test
  void nameInCapitalsMeansTheSame() {
    DnsQuery capitals = TestQuery.read(TestQuery.of("WEB.Shop.svc.cluster.LOCAL", TestQuery.A));
    DnsQuery small = TestQuery.read(TestQuery.of(NAME, TestQuery.A));

    assertThat(capitals.name()).isEqualTo(NAME);
    assertThat(capitals.question()).isEqualTo(small.question());
  }

  @Test
  void typesThatDifferByOneBitOfACapitalStayApart() {
    String httpsRecord = TestQuery.read(TestQuery.of(NAME, 65)).question();

    assertThat(TestQuery.read(TestQuery.of(NAME, 97)).question()).isNotEqualTo(httpsRecord);
  }

  @Test
  void namesOfNoHostAreNotTakenForOne() {
    assertThat(TestQuery.read(TestQuery.of("web\0.shop", TestQuery.A)).name()).isEmpty();
    assertThat(TestQuery.read(TestQuery.of("w\u00e9b.shop", TestQuery.A)).name()).isEmpty();
    byte[] dotInLabel = TestQuery.of("webXshop", TestQuery.A);
    dotInLabel[16] = '.';
    assertThat(TestQuery.read(dotInLabel).name()).isEmpty();
  }

  @Test
  void onlyAPlainQueryForAnAddressIsForTheMesh() {
    int update = 5 << 11;
    assertThat(TestQuery.read(TestQuery.of(NAME, TestQuery.TXT)).asksForAddress()).isFalse();
    DnsQuery other = TestQuery.read(TestQuery.withFlags(update, NAME, TestQuery.A));
    assertThat(other.asksForAddress()).isFalse();
    byte[] chaos = TestQuery.of(NAME, TestQuery.A);
    chaos[chaos.length - 1] = 3;
    assertThat(TestQuery.read(chaos).asksForAddress()).isFalse();
  }

  @Test
  void sizeOfEdnsWithinBounds() {
    assertThat(limit(100)).isEqualTo(512);
    assertThat(limit(1400)).isEqualTo(1400);
    assertThat(limit(65_535)).isEqualTo(4096);
  }

  private static int limit(int size) {
    return TestQuery.read(TestQuery.withEdns(NAME, TestQuery.A, size, false)).datagramLimit();
  }

  @Test
  void malformedPacketsRefused() {
    byte[] good = TestQuery.of(NAME, TestQuery.A);
    byte[] pointer = good.clone();
    pointer[12] = (byte) 0xc0;
    byte[] longLabel = good.clone();
    longLabel[12] = 64;
    byte[] isAnswer = good.clone();
    isAnswer[2] = (byte) 0x80;
    byte[] twoQuestions = good.clone();
    twoQuestions[5] = 2;
    byte[] recordMissing = good.clone();
    recordMissing[11] = 1;
    for (byte[] bad : new byte[][] {{}, {1, 2, 3}, pointer, longLabel, isAnswer, twoQuestions}) {
      assertRefused(bad);
    }
    assertRefused(recordMissing);
    assertRefused(Arrays.copyOf(good, good.length - 1));
    assertRefused(Arrays.copyOf(good, good.length + 1));
    assertRefused(TestQuery.of("x".repeat(60) + (".y" + "x".repeat(60)).repeat(4), TestQuery.A));
  }

  @Test
  void secondOptRefused() {
    byte[] one = TestQuery.withEdns(NAME, TestQuery.A, 1232, false);
    byte[] two = Arrays.copyOf(one, one.length + 11);
    System.arraycopy(one, one.length - 11, two, one.length, 11);
    two[11] = 2;

    assertRefused(two);
  }

  @Test
  void resolverIsSentTheQuestionAndOurOpt() {
    byte[] asked = TestQuery.withEdns("Example.org", TestQuery.A, 4096, true);
    byte[] sent = TestQuery.read(asked).upstream(7);

    assertThat(DnsMessage.u16(sent, 0)).isEqualTo(7);
    DnsQuery upstream = TestQuery.read(sent);
    assertThat(upstream.flags()).isEqualTo(0x0100);
    assertThat(upstream.edns().orElseThrow().size()).isEqualTo(Edns.OUR_SIZE);
    assertThat(upstream.dnssecOk()).isTrue();
    assertThat(Arrays.copyOfRange(sent, 12, 25)).isEqualTo(Arrays.copyOfRange(asked, 12, 25));
  }

  @Test
  void withoutEdnsNoneIsAdded() {
    byte[] asked = TestQuery.of(7, "example.org", TestQuery.A);

    assertThat(TestQuery.read(asked).upstream(7)).isEqualTo(asked);
  }

  @Test
  void optionsOfOneHopStay() {
    String subnet = "0008" + "0004" + "00011800";
    String cookie = "000a" + "0008" + "0102030405060708";
    String padding = "000c" + "0002" + "0000";
    DnsQuery query = withOptions(cookie + subnet + padding);

    assertThat(query.hasForwardedOptions()).isTrue();
    Edns upstream = TestQuery.read(query.upstream(1)).edns().orElseThrow();
    assertThat(upstream.options()).isEqualTo(options(subnet));
    assertThat(withOptions(cookie).hasForwardedOptions()).isFalse();
    assertThat(withOptions("0008" + "0009" + "00").hasForwardedOptions()).isFalse();
  }

  private static DnsQuery withOptions(String hex) {
    return TestQuery.read(
        TestQuery.withEdns("example.org", TestQuery.A, 1232, 0, false, options(hex)));
  }

  @Test
  void whatIsMoreThanAQuestionGoesOnUnchanged() {
    byte[] update = TestQuery.withFlags(5 << 11, "example.org", TestQuery.SOA);
    byte[] sent = TestQuery.read(update).upstream(TestQuery.ID);

    assertThat(sent).isEqualTo(update);
  }
}
