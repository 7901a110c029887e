// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** A log that is written more slowly than connections end. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class AccessLogTest {
  private static final int HELD = 10_000;
  private static final int BEYOND = 500;

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final Logger logger = (Logger) LoggerFactory.getLogger("access");
  private final Stalled stalled = new Stalled();

  @BeforeEach
  void stall() {
    logger.setLevel(ch.qos.logback.classic.Level.INFO);
    logger.setAdditive(false);
    stalled.setContext(logger.getLoggerContext());
    stalled.start();
    logger.addAppender(stalled);
  }

  @AfterEach
  void release() {
    stalled.gate.countDown();
    logger.detachAppender(stalled);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  /** That this returns at all is the point. */
  @Test
  void writerNeverWaitsForTheReader() {
    try (CapturedLog own =
        new CapturedLog(AccessLog.class.getName(), ch.qos.logback.classic.Level.WARN)) {
      AccessLog log = new AccessLog(LogFormat.TEXT, registry);
      for (int i = 0; i < HELD + BEYOND; i++) {
        log.write(Level.INFO, entry());
      }
      stalled.gate.countDown();
      log.close();
      long written = stalled.written.get();
      assertThat(written).isBetween((long) HELD, (long) HELD + BEYOND - 1);
      assertThat(own.events())
          .singleElement()
          .satisfies(
              event ->
                  assertThat(event.getFormattedMessage())
                      .startsWith(HELD + BEYOND - written + " lines of the access log were lost"));
      assertThat(registry.get("culvert_access_log_lost").counter().count())
          .isEqualTo((double) (HELD + BEYOND - written));
    }
  }

  @Test
  void everyLineOfALiveLogIsWritten() throws InterruptedException {
    stalled.gate.countDown();
    AccessLog log = new AccessLog(LogFormat.TEXT, registry);
    for (int batch = 1; batch <= 20; batch++) {
      for (int i = 0; i < 100; i++) {
        log.write(Level.INFO, entry());
      }
      while (stalled.written.get() < batch * 100L) {
        Thread.sleep(1);
      }
    }
    log.close();
    assertThat(stalled.written.get()).isEqualTo(2_000);
  }

  @Test
  void linesThatComeTogetherAreWrittenOrLostTogether() {
    AccessLog log = new AccessLog(LogFormat.TEXT, registry);
    for (int batch = 0; batch < 4; batch++) {
      log.write(Level.INFO, fourThousand());
    }
    stalled.gate.countDown();
    log.close();
    double lost = registry.get("culvert_access_log_lost").counter().count();
    assertThat(lost).isIn(4_000.0, 8_000.0);
    assertThat(stalled.written.get()).isEqualTo(16_000 - (long) lost);
  }

  private static LogBatch fourThousand() {
    return new LogBatch() {
      @Override
      public int count() {
        return 4_000;
      }

      @Override
      public LogEntry entry(int index) {
        return AccessLogTest.entry();
      }
    };
  }

  @Test
  void lineThatCannotBeWrittenIsNotTheLast() {
    stalled.gate.countDown();
    LogEntry broken =
        new LogEntry() {
          @Override
          public String message() {
            return "broken";
          }

          @Override
          public void writeTo(Fields fields) {
            throw new IllegalStateException("broken");
          }
        };
    try (CapturedLog own =
        new CapturedLog(AccessLog.class.getName(), ch.qos.logback.classic.Level.ERROR)) {
      AccessLog log = new AccessLog(LogFormat.TEXT, registry);
      log.write(Level.INFO, broken);
      log.write(Level.INFO, entry());
      log.close();
      assertThat(stalled.written).hasValue(1);
      assertThat(own.events()).hasSize(1);
    }
  }

  private static AccessEntry entry() {
    InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("198.18.0.1"), 80);
    ConnectionInfo info =
        new ConnectionInfo(
            Direction.INBOUND,
            Security.NONE,
            address,
            address,
            address,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return AccessEntry.refused(info, Outcome.clean());
  }

  private static final class Stalled extends AppenderBase<ILoggingEvent> {
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicLong written = new AtomicLong();

    @Override
    protected void append(ILoggingEvent event) {
      try {
        gate.await();
        written.incrementAndGet();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
