// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes the log {@code access} on a thread of its own, {@code access-log}, in batches. Event loops
 * only queue: they take no lock, and wake the thread only when it had nothing to do. The queue
 * holds 10,000 lines; what comes while it is full is lost and told, because a log that nobody reads
 * must not stop the node's traffic.
 */
public final class AccessLog implements AutoCloseable {
  /** On the last line for now: an appender that gathers lines writes them out with it. */
  public static final Marker LAST_OF_BATCH = MarkerFactory.getMarker("LAST_OF_BATCH");

  /** On a line that is laid out already: nothing is to be written before or after it. */
  public static final Marker WHOLE_LINE = MarkerFactory.getMarker("WHOLE_LINE");

  private static final Logger LOG = LoggerFactory.getLogger("access");
  private static final Logger OWN_LOG = LoggerFactory.getLogger(AccessLog.class);
  private static final String BROKEN = "a line of the access log cannot be written";
  private static final int MAX_WAITING = 10_000;

  /** What is written at once. */
  private static final int BATCH_BYTES = 56 * 1024;

  /** Lines of so long share one waking; nobody sees that they are that late. */
  private static final long BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private record Line(Level level, LogEntry entry) {}

  private final Queue<Line> lines = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Counter lost;
  private final AccessLine text = new AccessLine();
  private final LineBytes bytes = new LineBytes();
  private final Map<Level, byte[]> begins = new EnumMap<>(Level.class);
  private final LogFormat format;
  private final Thread thread;
  private long toldLost;
  private volatile boolean sleeping;
  private volatile boolean closed;

  /** Counts what is lost into {@code registry}. */
  public AccessLog(LogFormat format, MeterRegistry registry) {
    this.format = format;
    this.lost =
        Counter.builder("culvert_access_log_lost")
            .description("Lines of the access log that were lost: its reader is too slow.")
            .register(registry);
    this.thread = Thread.ofPlatform().daemon().name("access-log").start(this::run);
  }

  /** Any thread; never waits. */
  public void write(Level level, LogEntry entry) {
    if (!LOG.isEnabledForLevel(level)) {
      return;
    }
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      lost.increment();
      return;
    }
    lines.add(new Line(level, entry));
    if (sleeping) {
      sleeping = false;
      LockSupport.unpark(thread);
    }
  }

  /** Writes what waits, and ends. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    boolean last = false;
    while (!last) {
      last = closed;
      writeAll();
      if (!last) {
        awaitBatch();
      }
    }
  }

  /**
   * Who queues looks at {@code sleeping} after, and this thread at the queue: one sees the other.
   */
  private void awaitBatch() {
    sleeping = true;
    while (sleeping && lines.isEmpty() && !closed) {
      LockSupport.park(this);
    }
    sleeping = false;
    if (!closed) {
      LockSupport.parkNanos(this, BATCH_NANOS);
    }
  }

  private void writeAll() {
    LineSink sink = format == LogFormat.TEXT ? LineSink.of(LOG) : null;
    if (sink == null) {
      writeEvents();
    } else {
      writeBytes(sink);
    }
    tellLost();
  }

  private void writeEvents() {
    Line line = lines.poll();
    while (line != null) {
      waiting.decrementAndGet();
      Line next = lines.poll();
      writeOrTell(line, next == null);
      line = next;
    }
  }

  private void writeBytes(LineSink sink) {
    for (Line line = lines.poll(); line != null; line = lines.poll()) {
      waiting.decrementAndGet();
      appendOrTell(sink, line);
      if (bytes.length() >= BATCH_BYTES) {
        flush(sink);
      }
    }
    if (bytes.length() > 0) {
      flush(sink);
    }
  }

  private void appendOrTell(LineSink sink, Line line) {
    int whole = bytes.length();
    try {
      if (line.entry() instanceof WholeLine entry) {
        bytes.line(text.laidOut(entry));
      } else {
        bytes.line(begins.computeIfAbsent(line.level(), sink::begin), line.entry());
      }
    } catch (RuntimeException e) {
      bytes.cut(whole);
      OWN_LOG.error(BROKEN, e);
    }
  }

  private void flush(LineSink sink) {
    sink.write(bytes.array(), bytes.length());
    bytes.cut(0);
    begins.clear();
  }

  private void tellLost() {
    long missed = (long) lost.count() - toldLost;
    if (missed > 0) {
      toldLost += missed;
      OWN_LOG.warn(
          "{} lines of the access log were lost: whatever reads it is slower than connections end",
          missed);
    }
  }

  /** One that cannot be written must not be the last. */
  private void writeOrTell(Line line, boolean last) {
    try {
      write(line, last);
    } catch (RuntimeException e) {
      OWN_LOG.error(BROKEN, e);
    }
  }

  private void write(Line line, boolean last) {
    LoggingEventBuilder event = LOG.atLevel(line.level());
    if (last) {
      event = event.addMarker(LAST_OF_BATCH);
    }
    if (line.entry() instanceof WholeLine whole) {
      event.addMarker(WHOLE_LINE).log(text.laidOut(whole));
    } else if (format == LogFormat.JSON) {
      line.entry().writeTo(new KeyValues(event));
      event.log(line.entry().message());
    } else {
      event.log(text.of(line.entry()));
    }
  }

  /** The log's encoder makes members of them. */
  private record KeyValues(LoggingEventBuilder event) implements LogEntry.Fields {
    @Override
    public void text(String name, String value) {
      var _ = event.addKeyValue(name, value);
    }

    @Override
    public void plain(String name, String value) {
      var _ = event.addKeyValue(name, value);
    }

    @Override
    public void number(String name, long value) {
      var _ = event.addKeyValue(name, value);
    }
  }
}
