// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AnswersTest {
  private static final String VIP = "/198.19.0.1";
  private static final String WEB = "shop/web.shop.svc.cluster.local";

  private long now = 17;
  private final Answers answers = new Answers(() -> now);

  @BeforeEach
  void connect() {
    answers.connected(true);
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  void resourceAnswersItsNameAndItsAliases() {
    answers.asked(List.of(VIP, WEB, "/198.19.0.2"));

    assertThat(answers.found(WEB, List.of(VIP, "/fd00:c01::1")))
        .containsExactlyInAnyOrder(VIP, WEB);
    assertThat(answers.isSettled(VIP)).isTrue();
    assertThat(answers.isSettled("/198.19.0.2")).isFalse();
    assertThat(answers.names()).containsExactlyInAnyOrder(VIP, WEB, "/198.19.0.2");
  }

  @Test
  void whatWasNotAskedForIsNotRemembered() {
    assertThat(answers.found(WEB, List.of(VIP))).isEmpty();
    assertThat(answers.removed(VIP)).isEmpty();
    assertThat(answers.names()).isEmpty();
  }

  @Test
  void missingHoldsForAWhile() {
    answers.asked(List.of(VIP));
    assertThat(answers.removed(VIP)).containsExactly(VIP);
    assertThat(answers.isSettled(VIP)).isTrue();
    pass(Answers.MISSING_FOR);

    assertThat(answers.isSettled(VIP)).isFalse();
    assertThat(answers.isKnown(VIP)).isTrue();
  }

  @Test
  void missingHoldsAsLongAsTheControlPlaneIsAway() {
    answers.asked(List.of(VIP));
    answers.removed(VIP);
    answers.connected(false);
    pass(Duration.ofHours(1));
    assertThat(answers.isSettled(VIP)).isTrue();
    answers.connected(true);

    assertThat(answers.isSettled(VIP)).isFalse();
  }

  @Test
  void whatCameAfterAllHolds() {
    answers.asked(List.of(VIP));
    answers.removed(VIP);
    assertThat(answers.found(WEB, List.of(VIP))).containsExactly(VIP);
    pass(Duration.ofHours(1));

    assertThat(answers.isSettled(VIP)).isTrue();
  }

  @Test
  void goneResourceMustBeAskedForAgain() {
    answers.asked(List.of(VIP));
    answers.found(WEB, List.of(VIP));
    answers.removed(WEB);

    assertThat(answers.isSettled(VIP)).isFalse();
    assertThat(answers.isKnown(VIP)).isFalse();
    assertThat(answers.names()).containsExactly(VIP);
  }

  @Test
  void addressThatAResourceNoLongerHasMustBeAskedForAgain() {
    answers.asked(List.of(VIP));
    answers.found(WEB, List.of(VIP));
    answers.found(WEB, List.of("/198.19.0.9"));

    assertThat(answers.isSettled(VIP)).isFalse();
  }

  @Test
  void addressThatAnotherTookStaysWhenTheFirstGoes() {
    answers.asked(List.of(VIP));
    answers.found(WEB, List.of(VIP));
    answers.found("other", List.of(VIP));
    answers.removed(WEB);

    assertThat(answers.isSettled(VIP)).isTrue();
  }

  @Test
  void oldestOfTooManyMissingGivenUp() {
    answers.asked(List.of(WEB));
    answers.found(WEB, List.of());
    List<String> scanned =
        IntStream.range(0, Answers.MOST_MISSING).mapToObj(n -> "/scan" + n).toList();
    assertThat(answers.asked(scanned)).isEmpty();
    answers.removed("/scan0");

    assertThat(answers.asked(List.of(VIP))).containsExactly("/scan0");
    assertThat(answers.isKnown("/scan0")).isFalse();
    assertThat(answers.isSettled(WEB)).isTrue();
    assertThat(answers.names()).hasSize(Answers.MOST_MISSING + 1);
  }
}
