// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.ztunnel.json.JsonText;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes the log {@code access} on a thread of its own, {@code access-log}. It holds 10,000 lines;
 * when they are not written fast enough, connections wait with their end: no line is lost.
 */
final class AccessLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("access");
  private static final int MAX_WAITING = 10_000;
  private static final long POLL_MILLIS = 200;

  private record Line(Level level, AccessEntry entry) {}

  private final BlockingQueue<Line> lines = new ArrayBlockingQueue<>(MAX_WAITING);
  private final LogFormat format;
  private final Thread thread;
  private volatile boolean closed;

  AccessLog(LogFormat format) {
    this.format = format;
    this.thread = Thread.ofPlatform().daemon().name("access-log").start(this::run);
  }

  void write(Level level, AccessEntry entry) {
    if (!LOG.isEnabledForLevel(level)) {
      return;
    }
    Line line = new Line(level, entry);
    while (!lines.offer(line) && !closed) {
      LockSupport.parkNanos(this, 100_000);
    }
  }

  /** Writes what waits, and ends. */
  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closed || !lines.isEmpty()) {
        Line line = lines.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (line != null) {
          write(line);
        }
      }
    } catch (InterruptedException e) {
      LOG.warn("the access log was interrupted");
    }
  }

  private void write(Line line) {
    LoggingEventBuilder event = LOG.atLevel(line.level());
    if (format == LogFormat.JSON) {
      line.entry().writeTo(new KeyValues(event));
      event.log(line.entry().message());
    } else {
      TextFields fields = new TextFields(line.entry().message());
      line.entry().writeTo(fields);
      event.log(fields.out.toString());
    }
  }

  /** The log's encoder makes members of them. */
  private record KeyValues(LoggingEventBuilder event) implements AccessEntry.Fields {
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

  private static final class TextFields implements AccessEntry.Fields {
    private final StringBuilder out;

    TextFields(String message) {
      out = new StringBuilder(message);
    }

    @Override
    public void text(String name, String value) {
      out.append(' ').append(name).append('=').append(JsonText.quoted(value));
    }

    @Override
    public void plain(String name, String value) {
      out.append(' ').append(name).append('=').append(value);
    }

    @Override
    public void number(String name, long value) {
      out.append(' ').append(name).append('=').append(value);
    }
  }
}
