// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.fuzz.Allocation;
import java.net.InetSocketAddress;

/** The headers of a CONNECT, as the peer at the other end of mTLS chose them. */
class HeaderFuzzTest {

  @FuzzTest
  void authority(byte[] input) {
    String text = new String(input, ISO_8859_1);
    try {
      InetSocketAddress address = Allocation.bounded(input, () -> Authority.parse(text));
      assertThat(address.isUnresolved()).isFalse();
      assertThat(address.getPort()).isPositive();
      assertThat(Authority.parse(Authority.format(address))).isEqualTo(address);
    } catch (MalformedHeaderException e) {
      assertThat(e.getMessage()).contains(":authority").hasSizeLessThan(256);
    }
  }

  @FuzzTest
  void connectTarget(byte[] input) {
    String text = new String(input, ISO_8859_1);
    try {
      InetSocketAddress target = Allocation.bounded(input, () -> ConnectTarget.parse(text));
      assertThat(target.getPort()).isBetween(1, 65_535);
      if (target.isUnresolved()) {
        assertThat(target.getHostString()).matches("[a-z0-9.-]{1,255}").matches(".*[a-z].*");
        assertThat(ConnectTarget.parse(target.getHostString() + ":" + target.getPort()))
            .isEqualTo(target);
      } else {
        assertThat(Authority.parse(text)).isEqualTo(target);
      }
    } catch (MalformedHeaderException e) {
      assertThat(e.getMessage()).contains(":authority").hasSizeLessThan(256);
    }
  }

  @FuzzTest
  void baggage(byte[] input) {
    Baggage said = Allocation.bounded(input, () -> Baggage.parse(new String(input, ISO_8859_1)));
    for (String text :
        new String[] {
          said.namespace(),
          said.attribution().canonicalName(),
          said.attribution().canonicalRevision(),
          said.attribution().workloadName(),
          said.attribution().clusterId(),
          said.attribution().region(),
          said.attribution().zone()
        }) {
      assertThat(text.codePoints()).noneMatch(Character::isISOControl);
      assertThat(text.length()).isLessThanOrEqualTo(input.length);
    }
  }

  /** What is encoded comes back, but for control characters, and needs no quoting on the way. */
  @FuzzTest
  void percentCode(byte[] input) {
    String value = new String(input, UTF_8);
    StringBuilder encoded = new StringBuilder();
    PercentCode.encode(value, encoded);
    assertThat(encoded.toString()).matches("[\\x21-\\x7e]*").doesNotContain(",", ";", "\"", "\\");
    String clean =
        value
            .codePoints()
            .map(c -> Character.isISOControl(c) ? '?' : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    assertThat(PercentCode.decode(encoded.toString(), 0, encoded.length())).isEqualTo(clean);
    String raw = new String(input, ISO_8859_1);
    assertThat(PercentCode.decode(raw, 0, raw.length()).codePoints())
        .noneMatch(Character::isISOControl);
  }

  @FuzzTest
  void forwarded(byte[] input) {
    Forwarded read =
        Allocation.bounded(input, () -> Forwarded.parse(new String(input, ISO_8859_1)));
    assertThat(Forwarded.parse(read.format())).isEqualTo(read);
    read.host().ifPresent(host -> assertThat(host).matches("[A-Za-z0-9.*-]+"));
  }
}
