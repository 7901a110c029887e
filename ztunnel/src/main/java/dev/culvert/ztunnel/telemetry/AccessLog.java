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

  /** What was queued at once. */
  private sealed interface Queued extends LogBatch {
    Level level();
  }

  private record Line(Level level, LogEntry only) implements Queued {
    @Override
    public int count() {
      return 1;
    }

    @Override
    public LogEntry entry(int index) {
      return only;
    }
  }

  private record Lines(Level level, LogBatch batch) implements Queued {
    @Override
    public int count() {
      return batch.count();
    }

    @Override
    public LogEntry entry(int index) {
      return batch.entry(index);
    }
  }

  private final Queue<Queued> queue = new ConcurrentLinkedQueue<>();
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
    if (LOG.isEnabledForLevel(level)) {
      offer(new Line(level, entry));
    }
  }

  /** All of them or, where they have no room, none. Any thread; never waits. */
  void write(Level level, LogBatch batch) {
    if (LOG.isEnabledForLevel(level)) {
      offer(new Lines(level, batch));
    }
  }

  private void offer(Queued lines) {
    int count = lines.count();
    if (waiting.addAndGet(count) > MAX_WAITING) {
      waiting.addAndGet(-count);
      lost.increment(count);
      return;
    }
    queue.add(lines);
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
    while (sleeping && queue.isEmpty() && !closed) {
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
    Queued lines = queue.poll();
    while (lines != null) {
      int count = lines.count();
      waiting.addAndGet(-count);
      Queued next = queue.poll();
      for (int i = 0; i < count; i++) {
        writeOrTell(lines.level(), lines.entry(i), next == null && i == count - 1);
      }
      lines = next;
    }
  }

  private void writeBytes(LineSink sink) {
    for (Queued lines = queue.poll(); lines != null; lines = queue.poll()) {
      int count = lines.count();
      waiting.addAndGet(-count);
      for (int i = 0; i < count; i++) {
        appendOrTell(sink, lines.level(), lines.entry(i));
        if (bytes.length() >= BATCH_BYTES) {
          flush(sink);
        }
      }
    }
    if (bytes.length() > 0) {
      flush(sink);
    }
  }

  private void appendOrTell(LineSink sink, Level level, LogEntry entry) {
    int whole = bytes.length();
    try {
      if (entry instanceof WholeLine laidOut) {
        bytes.line(text.laidOut(laidOut));
      } else {
        bytes.line(begins.computeIfAbsent(level, sink::begin), entry);
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
  private void writeOrTell(Level level, LogEntry entry, boolean last) {
    try {
      write(level, entry, last);
    } catch (RuntimeException e) {
      OWN_LOG.error(BROKEN, e);
    }
  }

  private void write(Level level, LogEntry entry, boolean last) {
    LoggingEventBuilder event = LOG.atLevel(level);
    if (last) {
      event = event.addMarker(LAST_OF_BATCH);
    }
    if (entry instanceof WholeLine whole) {
      event.addMarker(WHOLE_LINE).log(text.laidOut(whole));
    } else if (format == LogFormat.JSON) {
      entry.writeTo(new KeyValues(event));
      event.log(entry.message());
    } else {
      event.log(text.of(entry));
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
