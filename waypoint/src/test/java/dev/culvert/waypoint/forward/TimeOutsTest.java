// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Time-outs of one length share a timer, and each keeps its time. */
@Timeout(60)
final class TimeOutsTest {
  private static final Duration SHORT = Duration.ofMillis(5);
  private static final Duration LONG = Duration.ofMillis(40);
  private static final Duration NEVER = Duration.ofHours(1);

  private final EventLoop loop = new DefaultEventLoop();
  private final TimeOuts timeOuts = new TimeOuts(loop);
  private final List<String> late = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private void onLoop(Runnable task) throws Exception {
    loop.submit(task).get(10, TimeUnit.SECONDS);
  }

  private TimeOut begin(Duration limit, String name) {
    return timeOuts.begin(limit, () -> late.add(name));
  }

  private void await(String... names) {
    Await.until("they are late", () -> late.containsAll(List.of(names)));
  }

  @Test
  void comeInTheOrderInWhichTheyEnd() throws Exception {
    onLoop(
        () -> {
          begin(LONG, "third");
          begin(SHORT, "first");
          begin(SHORT, "second");
        });
    await("third");
    assertThat(late).containsExactly("first", "second", "third");
  }

  @Test
  void noneComesBeforeItsTime() throws Exception {
    List<Long> took = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 5; i++) {
      onLoop(
          () -> {
            long begun = System.nanoTime();
            timeOuts.begin(LONG, () -> took.add(System.nanoTime() - begun));
          });
    }
    Await.until("all are late", () -> took.size() == 5);
    assertThat(took).allMatch(nanos -> nanos >= LONG.toNanos());
  }

  @Test
  void cancelledDoesNotComeAndTheOthersDo() throws Exception {
    onLoop(
        () -> {
          begin(SHORT, "first");
          TimeOut middle = begin(SHORT, "cancelled");
          begin(SHORT, "last");
          middle.cancel();
          middle.cancel();
        });
    await("first", "last");
    assertThat(late).containsExactly("first", "last");
  }

  @Test
  void lateOneCancelsThatWhichWouldComeWithIt() throws Exception {
    onLoop(
        () -> {
          TimeOut[] other = new TimeOut[1];
          timeOuts.begin(
              SHORT,
              () -> {
                late.add("first");
                other[0].cancel();
              });
          other[0] = begin(SHORT, "cancelled");
          begin(LONG, "end");
        });
    await("end");
    assertThat(late).containsExactly("first", "end");
  }

  @Test
  void oneThatFailsKeepsNoOtherFromComing() throws Exception {
    onLoop(
        () -> {
          timeOuts.begin(
              SHORT,
              () -> {
                throw new IllegalStateException("of the test");
              });
          begin(SHORT, "next");
        });
    await("next");
    onLoop(() -> begin(SHORT, "again"));
    await("again");
    assertThat(late).containsExactly("next", "again");
  }

  @Test
  void oneThatBeginsWhileAnotherIsLateComesToo() throws Exception {
    onLoop(
        () -> {
          begin(NEVER, "never");
          timeOuts.begin(SHORT, () -> begin(SHORT, "after"));
        });
    await("after");
    onLoop(() -> begin(SHORT, "when the line was empty"));
    await("when the line was empty");
    assertThat(late).doesNotContain("never");
  }
}
