// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.CommandRun;
import dev.culvert.ztunnel.telemetry.AccessLog;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class LogsTest {
  private final Logger grpc = Logger.getLogger("io.grpc.netty.NettyServerTransport");
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;

  @BeforeEach
  void capture() {
    PrintStream here = new PrintStream(written, true, UTF_8);
    System.setOut(here);
    System.setErr(here);
  }

  @AfterEach
  void restore() {
    System.setOut(out);
    System.setErr(err);
  }

  private String written() {
    Logs.flush();
    return written.toString(UTF_8);
  }

  @Test
  void warningsOfGrpcAreLinesLikeAllOthers() {
    Logs.configure("json", "info");
    grpc.log(Level.WARNING, "the peer is odd", new IllegalStateException("odd"));
    assertThat(written().lines())
        .singleElement()
        .asString()
        .startsWith("{")
        .contains("\"message\":\"the peer is odd\"", "IllegalStateException");
  }

  @Test
  void strangerAtThePortOfGrpcIsNoNews() {
    Logs.configure("text", "info");
    grpc.log(Level.INFO, "Transport failed", new IllegalStateException("no HTTP/2"));
    assertThat(written()).isEmpty();
  }

  @Test
  void answerOfACommandIsNotMixedWithWhatItsLibrariesLog() {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    System.setOut(new PrintStream(answer, true, UTF_8));
    CommandRun.of("install", "--dry-run");
    LoggerFactory.getLogger("io.fabric8.kubernetes.client.Config").debug("trying");
    LoggerFactory.getLogger("io.fabric8.kubernetes.client.Config").warn("odd");
    LoggerFactory.getLogger("dev.culvert.trial").warn("worth telling");
    assertThat(answer.toString(UTF_8)).isEmpty();
    assertThat(written.toString(UTF_8).lines())
        .singleElement()
        .asString()
        .contains("worth telling");
  }

  /** A name or a reason that a peer wrote must not be taken for a line of ours. */
  @ParameterizedTest
  @ValueSource(strings = {"text", "json"})
  void messageIsOneLineWhateverIsInIt(String format) {
    Logs.configure(format, "info");
    LoggerFactory.getLogger("dev.culvert.trial")
        .warn("asked for {}", "a\nb\r\u001b[2Jc\u0085d \u00e4");
    assertThat(written())
        .hasLineCount(1)
        .endsWith("\n")
        .doesNotContain("\r", "\u001b")
        .contains("\u00e4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "text"})
  void lineThatIsLaidOutStaysAsItIs(String format) {
    Logs.configure(format, "info");
    org.slf4j.Logger access = LoggerFactory.getLogger("access");
    access.atInfo().addMarker(AccessLog.WHOLE_LINE).log("GET /{} 200");
    access.atInfo().addMarker(AccessLog.LAST_OF_BATCH).log("request complete");
    assertThat(written.toString(UTF_8).lines().toList())
        .hasSize(2)
        .startsWith("GET /{} 200")
        .last()
        .asString()
        .contains("INFO", "request complete");
  }
}
