// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class EditPaceTest {
  private final AtomicLong now = new AtomicLong(-1_000_000_000L);
  private final EditPace pace = new EditPace(now::get);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private void edit(int times) {
    for (int i = 0; i < times; i++) {
      pace.edited();
    }
  }

  @Test
  void firstTenAreMadeAtOnce() {
    assertThat(pace.left()).isZero();
    edit(10);
    assertThat(pace.left()).isZero();
    assertThat(pace.isFight()).isFalse();
  }

  @Test
  void whoIsUndoneEachTimeMakesPausesThatDoubleUpToFiveSeconds() {
    edit(11);
    assertThat(pace.isFight()).isTrue();
    assertThat(pace.left()).isEqualTo(Duration.ofMillis(50));
    pace.edited();
    assertThat(pace.left()).isEqualTo(Duration.ofMillis(100));
    edit(20);
    assertThat(pace.left()).isEqualTo(Duration.ofSeconds(5));
    assertThat(pace.edits()).isEqualTo(32);
  }

  @Test
  void pausePasses() {
    edit(11);
    pass(Duration.ofMillis(20));
    assertThat(pace.left()).isEqualTo(Duration.ofMillis(30));
    pass(Duration.ofHours(1));
    assertThat(pace.left()).isZero();
  }

  @Test
  void minuteWithoutAnEditIsPeace() {
    edit(30);
    pass(Duration.ofSeconds(61));
    assertThat(pace.isFight()).isFalse();
    assertThat(pace.edits()).isZero();
    pace.edited();
    assertThat(pace.left()).isZero();
    assertThat(pace.edits()).isEqualTo(1);
  }

  @Test
  void fightThatIsSlowIsOne() {
    for (int i = 0; i < 11; i++) {
      pass(Duration.ofSeconds(50));
      pace.edited();
    }
    assertThat(pace.isFight()).isTrue();
  }
}
