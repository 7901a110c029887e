// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import dev.culvert.ztunnel.admin.HttpPort.Answer;
import dev.culvert.ztunnel.admin.HttpPort.Question;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;

/** Shows and changes what is logged: {@code level=info} or {@code level=access:off,debug}. */
final class LogLevels implements HttpPort.Page {
  private static final String PARAMETER = "level=";
  private static final String USAGE =
      "POST ?level=LEVEL or ?level=LOGGER:LEVEL, several with commas;"
          + " levels: off error warn info debug trace\n";

  @Override
  public Answer answer(Question question) {
    if (!question.isPost()) {
      return Answer.text(405, USAGE);
    }
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return Answer.text(501, "the log levels of this process are not logback's\n");
    }
    try {
      parse(question.query().orElse("")).forEach((name, level) -> set(context, name, level));
    } catch (IllegalArgumentException e) {
      return Answer.text(400, e.getMessage() + "\n" + USAGE);
    }
    return Answer.text(200, current(context));
  }

  private static Map<String, Level> parse(String query) {
    Map<String, Level> levels = new TreeMap<>();
    if (query.isEmpty()) {
      return levels;
    }
    if (!query.startsWith(PARAMETER)) {
      throw new IllegalArgumentException("unknown parameter: " + query);
    }
    for (String directive : query.substring(PARAMETER.length()).split(",", -1)) {
      int colon = directive.indexOf(':');
      String logger = colon < 0 ? Logger.ROOT_LOGGER_NAME : directive.substring(0, colon);
      levels.put(logger, level(directive.substring(colon + 1)));
    }
    return levels;
  }

  private static Level level(String name) {
    Level level = Level.toLevel(name, null);
    if (level == null) {
      throw new IllegalArgumentException("'%s' is no level".formatted(name));
    }
    return level;
  }

  private static void set(LoggerContext context, String name, Level level) {
    context.getLogger(name).setLevel(level);
  }

  private static String current(LoggerContext context) {
    StringBuilder lines = new StringBuilder();
    for (Logger logger : context.getLoggerList()) {
      if (logger.getLevel() != null) {
        String level = logger.getLevel().toString().toLowerCase(Locale.ROOT);
        lines.append(logger.getName()).append(": ").append(level).append('\n');
      }
    }
    return lines.toString();
  }
}
