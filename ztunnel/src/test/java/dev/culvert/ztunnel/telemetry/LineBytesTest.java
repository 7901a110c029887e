// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Lines of the access log as bytes are those that an event would have had. */
final class LineBytesTest {
  private final LineBytes bytes = new LineBytes();

  private record Said(String value) implements LogEntry {
    @Override
    public String message() {
      return "request complete";
    }

    @Override
    public void writeTo(Fields fields) {
      fields.text("text", value);
      fields.plain("plain", value);
      fields.number("number", Long.MIN_VALUE);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/shoes?size=42",
        "two words",
        "a \"quote\" and a \\",
        "C:\\shoes",
        "line\r\nend\ttab\u0000\u001f\u007f\u009f",
        "schön",
        "\u20ac and \ud83d\udc5f",
        "half of one: \ud83d"
      })
  void lineIsThatOfAnEvent(String value) {
    bytes.line("now INFO ".getBytes(UTF_8), new Said(value));
    String expected = "now INFO " + new AccessLine().of(new Said(value)) + "\n";
    assertThat(written()).isEqualTo(new String(expected.getBytes(UTF_8), UTF_8));
  }

  @Test
  void knownFieldsAreThoseOfALineThatTellsThem() {
    Said said = new Said("a \"quote\" and schön");
    LogEntry known =
        new LogEntry() {
          private final KnownFields fields = new KnownFields(said::writeTo);

          @Override
          public String message() {
            return said.message();
          }

          @Override
          public void writeTo(Fields to) {
            to.known(fields);
          }
        };
    bytes.line(new byte[0], said);
    bytes.line(new byte[0], known);
    bytes.line(new byte[0], known);
    assertThat(written()).isEqualTo((new AccessLine().of(said) + "\n").repeat(3));
    assertThat(new AccessLine().of(known)).isEqualTo(new AccessLine().of(said));
  }

  @Test
  void longLineHasRoom() {
    String value = "x".repeat(200_000);
    bytes.line("first");
    bytes.line(new byte[0], new Said(value));
    assertThat(written()).isEqualTo("first\n" + new AccessLine().of(new Said(value)) + "\n");
  }

  private String written() {
    return new String(bytes.array(), 0, bytes.length(), UTF_8);
  }

  @Test
  void sinkGetsWholeLinesAndNoneOfWhatCannotBeWritten() {
    Logger logger = (Logger) LoggerFactory.getLogger("access");
    Lines sink = new Lines();
    sink.setContext(logger.getLoggerContext());
    sink.start();
    logger.addAppender(sink);
    logger.setAdditive(false);
    logger.setLevel(ch.qos.logback.classic.Level.INFO);
    try {
      AccessLog log = new AccessLog(LogFormat.TEXT, new SimpleMeterRegistry());
      log.write(Level.INFO, new Said("one"));
      log.write(Level.INFO, new Broken());
      log.write(Level.WARN, new Said("two"));
      log.write(Level.DEBUG, new Said("three"));
      log.close();
    } finally {
      logger.detachAppender(sink);
      logger.setAdditive(true);
      logger.setLevel(null);
    }
    AccessLine line = new AccessLine();
    assertThat(String.join("", sink.writes))
        .isEqualTo(
            "INFO %s\nWARN %s\n".formatted(line.of(new Said("one")), line.of(new Said("two"))));
    assertThat(sink.writes).allMatch(write -> write.endsWith("\n"));
    assertThat(sink.events).isEmpty();
  }

  /** Says something before it fails. */
  private record Broken() implements LogEntry {
    @Override
    public String message() {
      return "broken";
    }

    @Override
    public void writeTo(Fields fields) {
      fields.text("half", "a line");
      throw new IllegalStateException("broken");
    }
  }

  private static final class Lines extends AppenderBase<ILoggingEvent> implements LineSink {
    private final List<String> writes = new CopyOnWriteArrayList<>();
    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

    @Override
    public byte[] begin(Level level) {
      return (level + " ").getBytes(UTF_8);
    }

    @Override
    public void write(byte[] lines, int length) {
      writes.add(new String(lines, 0, length, UTF_8));
    }

    @Override
    protected void append(ILoggingEvent event) {
      events.add(event);
    }
  }
}
