// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PulseTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
  private final Pulse pulse = new Pulse(Duration.ofSeconds(60), now::get);

  @Test
  void idleForEverIsNoTrouble() {
    now.addAndGet(Duration.ofDays(30).toNanos());
    assertThat(pulse.trouble(true)).isEmpty();
  }

  @Test
  void changeThatIsNotTakenInIsTroubleUntilItIs() {
    pulse.begin();
    now.addAndGet(Duration.ofSeconds(60).toNanos());
    assertThat(pulse.trouble(true)).isEmpty();
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(pulse.trouble(true)).hasValueSatisfying(why -> assertThat(why).contains("61 s"));
    pulse.end();
    assertThat(pulse.trouble(true)).isEmpty();
  }

  @Test
  void threadThatHasEndedIsTroubleAtOnce() {
    assertThat(pulse.trouble(false)).contains("the thread that takes changes in has ended");
  }
}
