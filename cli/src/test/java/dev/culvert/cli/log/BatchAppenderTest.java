// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import dev.culvert.ztunnel.telemetry.AccessLog;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class BatchAppenderTest {
  private final LoggerContext context = new LoggerContext();
  private final List<String> writes = new ArrayList<>();
  private final BatchAppender appender = new BatchAppender(new Writes());

  private final class Writes extends OutputStream {
    @Override
    public void write(int one) {
      writes.add(String.valueOf((char) one));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      writes.add(new String(bytes, offset, length, StandardCharsets.UTF_8));
    }
  }

  @BeforeEach
  void start() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg%n");
    encoder.start();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.start();
  }

  @AfterEach
  void stop() {
    appender.stop();
  }

  private void log(String message, boolean last) {
    LoggingEvent event =
        new LoggingEvent("", context.getLogger("access"), Level.INFO, message, null, null);
    if (last) {
      event.addMarker(AccessLog.LAST_OF_BATCH);
    }
    appender.doAppend(event);
  }

  @Test
  void linesOfABatchAreWrittenTogether() {
    log("one", false);
    log("two", false);
    assertThat(writes).isEmpty();
    log("three", true);
    assertThat(writes).containsExactly("one\ntwo\nthree\n");
    log("four", true);
    assertThat(writes).containsExactly("one\ntwo\nthree\n", "four\n");
  }

  @Test
  void fullBufferIsWrittenBetweenLines() {
    String line = "x".repeat(40_000);
    log(line, false);
    log(line, false);
    assertThat(writes).containsExactly(line + "\n");
    log("end", true);
    assertThat(writes).containsExactly(line + "\n", line + "\nend\n");
  }

  @Test
  void whatIsGatheredIsWrittenAtTheEnd() {
    log("one", false);
    appender.stop();
    assertThat(writes).containsExactly("one\n");
  }

  @Test
  void linesThatAreBytesAlreadyAreWrittenAsTheyAre() {
    byte[] lines = "one\ntwo\nand more".getBytes(StandardCharsets.UTF_8);
    appender.write(lines, "one\ntwo\n".length());
    assertThat(writes).containsExactly("one\ntwo\n");
  }

  @Test
  void theyBeginAsThoseOfEvents() {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%-5level %logger{0} %msg%kvp%n");
    encoder.start();
    appender.setEncoder(encoder);
    assertThat(new String(appender.begin(org.slf4j.event.Level.WARN), StandardCharsets.UTF_8))
        .isEqualTo("WARN  access ");
  }
}
