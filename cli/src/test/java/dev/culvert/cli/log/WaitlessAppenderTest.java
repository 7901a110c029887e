// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WaitlessAppenderTest {
  private static final int BEYOND = 500;

  private final LoggerContext context = new LoggerContext();
  private final CountDownLatch reader = new CountDownLatch(1);
  private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
  private final Read read = new Read();
  private WaitlessAppender appender;

  /** A pipe that nobody reads until the reader is there. */
  private final class Read extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      try {
        reader.await();
        lines.add(event.getFormattedMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @BeforeEach
  void start() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    read.setContext(context);
    read.start();
    appender = new WaitlessAppender(read);
    appender.start();
  }

  @AfterEach
  void stop() {
    reader.countDown();
    appender.stop();
  }

  private void log(String message) {
    appender.doAppend(
        new LoggingEvent("", context.getLogger("any"), Level.INFO, message, null, null));
  }

  /** That this returns at all is the point. */
  @Test
  void whoLogsNeverWaitsForTheReader() {
    int logged = WaitlessAppender.MOST_WAITING + BEYOND;
    for (int i = 0; i < logged; i++) {
      log("line " + i);
    }
    reader.countDown();
    appender.flush();
    List<String> all = new ArrayList<>(lines);
    String told =
        all.stream()
            .filter(line -> line.contains("of the log were lost"))
            .findFirst()
            .orElseThrow();
    long missing = Long.parseLong(told.split(" ", 2)[0]);
    assertThat(missing).isBetween(1L, (long) BEYOND);
    assertThat(all).hasSize((int) (logged - missing) + 1).startsWith("line 0");
    log("and on");
    appender.flush();
    assertThat(lines).endsWith("and on");
  }

  @Test
  void whatWasLoggedIsWrittenAtTheEnd() {
    reader.countDown();
    for (int i = 0; i < 100; i++) {
      log("line " + i);
    }
    appender.stop();
    assertThat(lines).hasSize(100).endsWith("line 99");
  }

  @Test
  void endDoesNotWaitForEverForAReader() {
    log("nobody reads it");
    appender.stop();
    assertThat(lines).isEmpty();
    assertThat(appender.isStarted()).isFalse();
  }
}
