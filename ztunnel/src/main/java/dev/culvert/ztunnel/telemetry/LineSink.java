// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * An appender that takes lines of the access log as bytes, many at once: an event for each costs
 * more than the line.
 */
public interface LineSink {
  /** What a line of this level begins with now, in UTF-8. */
  byte[] begin(Level level);

  /** Writes so many bytes, which are whole lines in UTF-8, at once. */
  void write(byte[] lines, int length);

  /** That of a log which has nobody else to tell; else null. */
  static @Nullable LineSink of(Logger log) {
    if (!(log instanceof ch.qos.logback.classic.Logger logger) || logger.isAdditive()) {
      return null;
    }
    Iterator<Appender<ILoggingEvent>> all = logger.iteratorForAppenders();
    Appender<ILoggingEvent> first = all.hasNext() ? all.next() : null;
    return first instanceof LineSink sink && !all.hasNext() ? sink : null;
  }
}
