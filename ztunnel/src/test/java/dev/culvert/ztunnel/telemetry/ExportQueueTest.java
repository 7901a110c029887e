// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.culvert.ztunnel.peers.Await;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.sdk.common.CompletableResultCode;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ExportQueueTest {
  private static final int BROKEN = -1;

  private final List<List<Integer>> batches = new CopyOnWriteArrayList<>();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final CountDownLatch collectorAnswers = new CountDownLatch(1);

  @Test
  void loneOneDoesNotWaitForOthers() {
    try (var queue = queue(10_000)) {
      queue.offer(1);
      collectorAnswers.countDown();
      Await.until("it is sent", () -> sent() == 1);
    }
  }

  @Test
  void thoseThatWaitGoTogetherInFullBatches() {
    try (var queue = queue(10_000)) {
      queue.offer(0);
      Await.until("the thread waits for the collector", () -> batches.size() == 1);
      IntStream.rangeClosed(1, 1_100).forEach(queue::offer);
      collectorAnswers.countDown();
      Await.until("all are sent", () -> sent() == 1_101);
    }
    assertThat(batches).extracting(List::size).containsExactly(1, 512, 512, 76);
    assertThat(batches.stream().flatMap(List::stream))
        .containsExactlyElementsOf(IntStream.rangeClosed(0, 1_100).boxed().toList());
  }

  @Test
  void whatWaitsAtTheEndIsSent() {
    collectorAnswers.countDown();
    try (var queue = queue(10_000)) {
      IntStream.range(0, 700).forEach(queue::offer);
    }
    assertThat(sent()).isEqualTo(700);
  }

  @Test
  void queueOfOneSendsToo() {
    collectorAnswers.countDown();
    try (var queue = queue(1)) {
      queue.offer(1);
      Await.until("the first is sent", () -> sent() == 1);
      queue.offer(2);
      Await.until("the second is sent", () -> sent() == 2);
    }
  }

  @Test
  void batchThatCannotBeMadeIsCountedAndNotTheLast() {
    collectorAnswers.countDown();
    try (CapturedLog log = new CapturedLog(ExportQueue.class.getName(), Level.ERROR);
        var queue = queue(10)) {
      queue.offer(BROKEN);
      Await.until("it is counted", () -> count("dropped", "reason", "not_taken") == 1);
      queue.offer(1);
      Await.until("the next is sent", () -> sent() == 1);
      assertThat(log.events()).hasSize(1);
    }
  }

  private ExportQueue<Integer> queue(int capacity) {
    return new ExportQueue<>("numbers", capacity, registry, this::export);
  }

  private CompletableResultCode export(List<Integer> batch) {
    if (batch.contains(BROKEN)) {
      throw new IllegalStateException("no such thing can be sent");
    }
    batches.add(batch);
    try {
      collectorAnswers.await();
    } catch (InterruptedException e) {
      return CompletableResultCode.ofFailure();
    }
    return CompletableResultCode.ofSuccess();
  }

  private double sent() {
    return count("sent");
  }

  private double count(String what, String... tags) {
    return registry.counter("culvert_otlp_numbers_" + what, tags).count();
  }
}
