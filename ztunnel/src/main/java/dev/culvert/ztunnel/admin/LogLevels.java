// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import dev.culvert.ztunnel.admin.HttpPort.Answer;
import dev.culvert.ztunnel.admin.HttpPort.Question;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;

/**
 * Shows and changes what is logged, as {@code istioctl ztunnel-config log} asks for it: {@code
 * level=info} or {@code level=access:off,debug}, {@code reset} for what was set at the start.
 */
final class LogLevels implements HttpPort.Page {
  private static final String LEVEL = "level=";
  private static final String RESET = "reset";

  /** A level without a logger is for our own; those of libraries must be named. */
  private static final List<String> OWN = List.of("dev.culvert", "access");

  /** Where Istio's ztunnel has a module, we have a package. */
  private static final String ISTIO_MODULE = "ztunnel::";

  private static final String USAGE =
      "POST ?level=LEVEL or ?level=LOGGER:LEVEL, several with commas, or ?reset;"
          + " levels: off error warn info debug trace\n";

  private final Map<String, Level> atStart = new TreeMap<>();

  LogLevels() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLoggerList().stream()
          .filter(logger -> logger.getLevel() != null)
          .forEach(logger -> atStart.put(logger.getName(), logger.getLevel()));
    }
  }

  @Override
  public Answer answer(Question question) {
    if (!question.isPost() && !question.isGet()) {
      return Answer.text(405, USAGE);
    }
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return Answer.text(501, "the log levels of this process are not logback's\n");
    }
    if (question.isGet() && question.query().filter(q -> !q.isEmpty()).isPresent()) {
      return Answer.text(405, USAGE);
    }
    try {
      change(context, URLDecoder.decode(question.query().orElse(""), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Answer.text(400, e.getMessage() + "\n" + USAGE);
    }
    return Answer.text(200, current(context));
  }

  private void change(LoggerContext context, String query) {
    List<String> parameters = query.isEmpty() ? List.of() : List.of(query.split("&"));
    Map<String, Level> levels = new TreeMap<>();
    boolean reset = false;
    for (String parameter : parameters) {
      if (parameter.equals(RESET) || parameter.startsWith(RESET + "=")) {
        reset = true;
      } else if (parameter.startsWith(LEVEL)) {
        parse(parameter.substring(LEVEL.length()), levels);
      } else {
        throw new IllegalArgumentException("unknown parameter: " + parameter);
      }
    }
    if (reset) {
      context.getLoggerList().forEach(logger -> restore(logger));
    } else {
      levels.forEach((name, level) -> context.getLogger(name).setLevel(level));
    }
  }

  private void restore(Logger logger) {
    Level level = atStart.get(logger.getName());
    if (level != null || !logger.getName().equals(Logger.ROOT_LOGGER_NAME)) {
      logger.setLevel(level);
    }
  }

  private static void parse(String directives, Map<String, Level> levels) {
    for (String directive : directives.split(",", -1)) {
      int end = Math.max(directive.lastIndexOf(':'), directive.lastIndexOf('='));
      Level level = level(directive.substring(end + 1));
      if (end < 0) {
        OWN.forEach(logger -> levels.put(logger, level));
      } else {
        levels.put(logger(directive.substring(0, end)), level);
      }
    }
  }

  private static String logger(String name) {
    return name.startsWith(ISTIO_MODULE)
        ? "dev.culvert.ztunnel." + name.substring(ISTIO_MODULE.length()).replace("::", ".")
        : name;
  }

  private static Level level(String name) {
    Level level =
        switch (name) {
          case "warning" -> Level.WARN;
          case "critical" -> Level.ERROR;
          default -> Level.toLevel(name, null);
        };
    if (level == null) {
      throw new IllegalArgumentException("'%s' is no level".formatted(name));
    }
    return level;
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
