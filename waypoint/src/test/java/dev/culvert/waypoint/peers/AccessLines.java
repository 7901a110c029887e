// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.peers;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.culvert.ztunnel.telemetry.AccessLog;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** The lines of the access log that are laid out by a template, while it is open. */
public final class AccessLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("access");
  private final Level before = logger.getLevel();

  private AccessLines() {}

  public static AccessLines capture() {
    AccessLines lines = new AccessLines();
    lines.setContext(lines.logger.getLoggerContext());
    lines.start();
    lines.logger.setLevel(Level.INFO);
    lines.logger.addAppender(lines);
    return lines;
  }

  /** The one with this in it, once it is there. */
  public String with(String part) {
    Await.until(() -> "a line with " + part + " in " + lines, () -> find(part).isPresent());
    return find(part).orElseThrow();
  }

  private Optional<String> find(String part) {
    return lines.stream().filter(line -> line.contains(part)).findFirst();
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (event.getMarkerList() != null && event.getMarkerList().contains(AccessLog.WHOLE_LINE)) {
      lines.add(event.getFormattedMessage());
    }
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setLevel(before);
    stop();
  }
}
