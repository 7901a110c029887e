// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShortenedTest {
  /** Two chars, four bytes. */
  private static final String SNAIL = "\uD83D\uDC0C";

  @Test
  void whatIsShortEnoughStays() {
    assertThat(Shortened.toChars("abc", 3)).isEqualTo("abc");
    assertThat(Shortened.toBytes("abc", 3)).isEqualTo("abc");
    assertThat(Shortened.toBytes("", 0)).isEmpty();
  }

  @Test
  void noCharacterIsCutInTwo() {
    assertThat(Shortened.toChars("a" + SNAIL, 2)).isEqualTo("a");
    assertThat(Shortened.toChars("a" + SNAIL + "b", 3)).isEqualTo("a" + SNAIL);
    assertThat(Shortened.toBytes("a" + SNAIL, 4)).isEqualTo("a");
    assertThat(Shortened.toBytes(SNAIL, 3)).isEmpty();
  }

  @Test
  void bytesAreThoseOfUtf8() {
    assertThat(Shortened.toBytes("äöü", 4)).isEqualTo("äö");
    assertThat(Shortened.toBytes("äöü", 5)).isEqualTo("äö");
    assertThat(Shortened.toChars("äöü", 3)).isEqualTo("äöü");
  }
}
