// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RegexTest {
  /** Backtracking would take longer than the universe has. */
  @Test
  void nestedStarsEndOnATextThatAlmostMatches() {
    assertThat(Regex.of("(a*)*b").matches("a".repeat(60_000))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(((a{1000}){1000}){1000}){1000}",
        "(a{1000}[(]){1000}",
        "(a{1000}[[:alpha:](]){1000}",
        "(a{1000}[]()]){1000}",
        "(a{1000}\\(){1000}",
        "a{50}{50}",
        "(a{2000",
        "((?:ab|c){500,}){9,9}",
      })
  void whatWouldGrowTooLargeOrHasAnErrorIsRefusedBeforeItIsBuilt(String text) {
    assertThatThrownBy(() -> Regex.of(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void expressionLongerThanAPathMayBeIsRefused() {
    assertThatThrownBy(() -> Regex.of("a".repeat(1025))).hasMessageContaining("1024");
  }

  @Test
  void whatRe2DoesNotKnowIsRefused() {
    assertThatThrownBy(() -> Regex.of("(?=a)a")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Regex.of("(a)\\1")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Regex.of("\\Qa(\\E")).hasMessageContaining("letter by letter");
  }

  @Test
  void commonExpressionsAreTaken() {
    String uuid = "/orders/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    assertThat(Regex.of(uuid).matches("/orders/0a1b2c3d-0000-4000-8000-0123456789ab")).isTrue();
    assertThat(Regex.of("(?i)/shop/\\p{L}+").matches("/SHOP/Schuhe")).isTrue();
    assertThat(Regex.of("/x{y}").matches("/x{y}")).isTrue();
  }
}
