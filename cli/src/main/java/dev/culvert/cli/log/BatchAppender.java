// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.log;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import dev.culvert.ztunnel.telemetry.AccessLog;
import dev.culvert.ztunnel.telemetry.LineSink;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Marker;
import org.slf4j.event.Level;

/**
 * Writes the lines of the access log that come together in one system call: one for each line would
 * be half of what the log costs. Lines stay whole, since each comes to the buffer as a whole.
 */
final class BatchAppender extends OutputStreamAppender<ILoggingEvent> implements LineSink {
  private static final int BATCH_BYTES = 64 * 1024;

  BatchAppender() {
    this(ConsoleTarget.SystemOut.getStream());
  }

  BatchAppender(OutputStream to) {
    setImmediateFlush(false);
    setOutputStream(new BufferedOutputStream(to, BATCH_BYTES));
  }

  @Override
  protected void subAppend(ILoggingEvent event) {
    super.subAppend(event);
    if (isLast(event.getMarkerList())) {
      flush();
    }
  }

  private static boolean isLast(List<Marker> markers) {
    return markers != null && markers.contains(AccessLog.LAST_OF_BATCH);
  }

  private void flush() {
    streamWriteLock.lock();
    try {
      getOutputStream().flush();
    } catch (IOException e) {
      addError("the access log cannot be written", e);
    } finally {
      streamWriteLock.unlock();
    }
  }

  /** As its encoder writes a line that says nothing, but for the end of it. */
  @Override
  public byte[] begin(Level level) {
    Logger access = ((LoggerContext) getContext()).getLogger("access");
    LoggingEvent empty =
        new LoggingEvent(
            BatchAppender.class.getName(),
            access,
            ch.qos.logback.classic.Level.convertAnSLF4JLevel(level),
            "",
            null,
            null);
    byte[] line = getEncoder().encode(empty);
    return Arrays.copyOf(line, line.length - System.lineSeparator().length());
  }

  @Override
  public void write(byte[] lines, int length) {
    streamWriteLock.lock();
    try {
      getOutputStream().write(lines, 0, length);
      getOutputStream().flush();
    } catch (IOException e) {
      addError("the access log cannot be written", e);
    } finally {
      streamWriteLock.unlock();
    }
  }
}
