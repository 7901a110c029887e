// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.culvert.policy.settings.Setting;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * The log of a daemon, lines of text or JSON on standard output; and what a command lets through.
 */
public final class Logs {
  /** How a line looks. */
  public enum Format {
    TEXT,
    JSON
  }

  /** The least important events that are written. */
  public enum Threshold {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  /** How a daemon writes its log. */
  public static final Setting<Format> FORMAT =
      Setting.choice("log-format", Format.TEXT, "Log lines for people, or for machines.");

  /** What a daemon leaves out of its log. */
  public static final Setting<Threshold> LEVEL =
      Setting.choice(
          "log-level", Threshold.INFO, "One line per connection and per change; debug tells why.");

  private static final String BEGIN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSX} %-5level %logger{0} ";

  /** What peers wrote may be in it: one message is one line. */
  private static final String TEXT =
      BEGIN + "%replace(%msg%kvp){'[\\x00-\\x1f\\x7f-\\x9f]', '?'}%n%nopex";

  /** Its texts are in quotes, and what would end a line is escaped in them. */
  private static final String ACCESS = BEGIN + "%msg%kvp%n%nopex";

  private static final String LINES = "lines";

  private Logs() {}

  /**
   * For a daemon.
   *
   * @param format the text of {@link #FORMAT}
   * @param level the text of {@link #LEVEL}
   */
  public static void configure(String format, String level) {
    // gRPC logs to the JDK's own logging, which would print to standard error in a form of its own.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    WaitlessAppender waitless =
        new WaitlessAppender(started(new ConsoleAppender<>(), encoder(context, format, TEXT)));
    waitless.setName(LINES);
    waitless.start();
    root.addAppender(waitless);
    root.setLevel(Level.INFO);
    context.getLogger("io").setLevel(Level.WARN);
    // Each failed request, which the control plane tells of once.
    context.getLogger("io.fabric8").setLevel(Level.ERROR);
    // Each proxy that goes while it is told something, of which its stream says more.
    context.getLogger("io.grpc.netty.NettyServerHandler").setLevel(Level.ERROR);
    context.getLogger("dev.culvert").setLevel(Level.toLevel(level.toUpperCase(Locale.ROOT)));
    ch.qos.logback.classic.Logger access = context.getLogger("access");
    WholeLineEncoder lines = new WholeLineEncoder(encoder(context, format, ACCESS));
    lines.setContext(context);
    lines.start();
    access.addAppender(started(new BatchAppender(), lines));
    access.setAdditive(false);
    access.setLevel(Level.toLevel(level.toUpperCase(Locale.ROOT)));
  }

  /** For a command whose standard output is its answer: warnings, on standard error. */
  public static void warnOnly() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setTarget("System.err");
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(started(appender, encoder(context, "text", TEXT)));
    root.setLevel(Level.WARN);
    // What fails is the command's to tell.
    context.getLogger("io.fabric8").setLevel(Level.ERROR);
  }

  /** Writes what was logged, as far as somebody reads it: before the process ends. */
  public static void flush() {
    ch.qos.logback.classic.Logger root =
        (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    if (root.getAppender(LINES) instanceof WaitlessAppender lines) {
      lines.flush();
    }
  }

  private static OutputStreamAppender<ILoggingEvent> started(
      OutputStreamAppender<ILoggingEvent> appender, Encoder<ILoggingEvent> encoder) {
    appender.setContext(encoder.getContext());
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }

  private static Encoder<ILoggingEvent> encoder(
      LoggerContext context, String format, String pattern) {
    if (format.equals("json")) {
      JsonLineEncoder json = new JsonLineEncoder();
      json.setContext(context);
      json.start();
      return json;
    }
    PatternLayoutEncoder text = new PatternLayoutEncoder();
    text.setContext(context);
    text.setPattern(pattern);
    text.start();
    return text;
  }
}
