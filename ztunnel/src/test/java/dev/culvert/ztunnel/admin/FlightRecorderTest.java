// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.admin.HttpPort.Question;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlightRecorderTest {
  private final Semaphore running = new Semaphore(1);
  private final FlightRecorder page = new FlightRecorder(running);

  @Test
  void oneAtATime() {
    running.acquireUninterruptibly();

    assertThat(status("GET", "seconds=1")).isEqualTo(409);
  }

  @ParameterizedTest
  @ValueSource(strings = {"seconds=0", "seconds=26", "seconds=-1", "seconds=", "seconds=x", "s=1"})
  void lengthIsBounded(String query) {
    assertThat(status("GET", query)).isEqualTo(400);
    assertThat(running.availablePermits()).isEqualTo(1);
  }

  @Test
  void onlyGetRecords() {
    assertThat(status("POST", "seconds=1")).isEqualTo(405);
  }

  private int status(String method, String query) {
    return page.answer(new Question(method, Optional.of(query))).status();
  }
}
