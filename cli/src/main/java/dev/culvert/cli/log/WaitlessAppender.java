// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Has a thread of its own, {@code log}, write the lines: event loops log too, and must not wait for
 * whatever reads the log. What comes while it is full is lost, and told once its reader goes on.
 */
final class WaitlessAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  static final int MOST_WAITING = 8_192;

  private static final Duration END = Duration.ofSeconds(2);
  private static final long LOOK_NANOS = 1_000_000;

  private final BlockingQueue<ILoggingEvent> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final Appender<ILoggingEvent> to;
  private final Thread thread;

  /**
   * @param to may wait; started, and stopped with this
   */
  WaitlessAppender(Appender<ILoggingEvent> to) {
    this.to = to;
    this.thread = Thread.ofPlatform().daemon().name("log").unstarted(this::run);
    setContext(to.getContext());
  }

  @Override
  public void start() {
    super.start();
    thread.start();
  }

  @Override
  protected void append(ILoggingEvent event) {
    event.prepareForDeferredProcessing();
    if (waiting.offer(event)) {
      taken.incrementAndGet();
    } else {
      lost.incrementAndGet();
    }
  }

  private void run() {
    try {
      while (true) {
        to.doAppend(waiting.take());
        tellLost();
        written.incrementAndGet();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tellLost() {
    long missing = lost.getAndSet(0);
    if (missing > 0) {
      to.doAppend(
          new LoggingEvent(
              WaitlessAppender.class.getName(),
              ((LoggerContext) getContext()).getLogger(WaitlessAppender.class),
              Level.WARN,
              "{} lines of the log were lost: whatever reads it is slower than they came",
              null,
              new Object[] {missing}));
    }
  }

  /** Waits until what was logged before is written, but not for ever. */
  void flush() {
    long all = taken.get();
    long end = System.nanoTime() + END.toNanos();
    while (written.get() < all && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
  }

  @Override
  public void stop() {
    flush();
    thread.interrupt();
    to.stop();
    super.stop();
  }
}
