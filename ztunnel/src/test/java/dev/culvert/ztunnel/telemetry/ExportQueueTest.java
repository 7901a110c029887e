// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.culvert.ztunnel.peers.Await;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.sdk.common.CompletableResultCode;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

class ExportQueueTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Queue<String> taken = new ConcurrentLinkedQueue<>();

  private CompletableResultCode export(List<String> batch) {
    if (batch.contains("broken")) {
      throw new IllegalStateException("no such thing can be sent");
    }
    taken.addAll(batch);
    return CompletableResultCode.ofSuccess();
  }

  private double count(String name, String... tags) {
    return registry.counter(name, tags).count();
  }

  @Test
  void batchThatCannotBeMadeIsCountedAndNotTheLast() {
    try (CapturedLog log = new CapturedLog(ExportQueue.class.getName(), Level.ERROR);
        ExportQueue<String> queue = new ExportQueue<>("things", 10, registry, this::export)) {
      queue.offer("broken");
      Await.until(
          "it is counted", () -> count("culvert_otlp_things_dropped", "reason", "not_taken") == 1);
      queue.offer("sound");
      Await.until("the next is sent", () -> taken.contains("sound"));
      assertThat(log.events()).hasSize(1);
    }
    assertThat(count("culvert_otlp_things_sent")).isEqualTo(1);
  }
}
