// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class JsonLineEncoderTest {
  @Test
  void quotesAndControlCharactersStayOnOneLine() {
    LoggerContext context = new LoggerContext();
    LoggingEvent event =
        new LoggingEvent(
            "", context.getLogger("access"), Level.INFO, "say \"no\"\n\u0001", null, null);
    event.addKeyValuePair(new KeyValuePair("bytes", 12));
    event.addKeyValuePair(new KeyValuePair("src", null));
    String line = new String(new JsonLineEncoder().encode(event), StandardCharsets.UTF_8);
    assertThat(line)
        .contains("\"scope\":\"access\",\"message\":\"say \\\"no\\\"\\n\\u0001\"")
        .endsWith("\"bytes\":12,\"src\":\"null\"}\n");
  }

  @Test
  void whatATerminalObeysIsEscaped() {
    LoggingEvent event =
        new LoggingEvent("", new LoggerContext().getLogger("access"), Level.INFO, "a", null, null);
    event.addKeyValuePair(new KeyValuePair("user_agent", "\u009b2J\u0085\u007f\u00e9"));
    String line = new String(new JsonLineEncoder().encode(event), StandardCharsets.UTF_8);
    assertThat(line).endsWith("\"user_agent\":\"\\u009b2J\\u0085\\u007f\u00e9\"}\n");
  }
}
