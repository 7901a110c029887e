// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds docs/troubleshooting.md to the code: each message that it quotes is one that is said. */
class TroubleshootingTest {
  private static final Path DOCUMENT = Path.of("../docs/troubleshooting.md");
  private static final List<String> MODULES =
      List.of("policy-api", "linux", "ztunnel", "waypoint", "agent", "controlplane", "cli");

  /** The first column of a row. */
  private static final Pattern QUOTE = Pattern.compile("\\| `([^`]+)`.*");

  @Test
  void quotedMessagesAreSaid() throws IOException {
    String sources = sources();
    List<String> quotes = quotes();
    assertThat(quotes).hasSizeGreaterThan(15);
    for (String quote : quotes) {
      for (String part : quote.split("…", -1)) {
        assertThat(sources).as(quote).contains(part.strip());
      }
    }
  }

  private static List<String> quotes() throws IOException {
    List<String> quotes = new ArrayList<>();
    for (String line : Files.readAllLines(DOCUMENT)) {
      Matcher quote = QUOTE.matcher(line);
      if (quote.matches()) {
        quotes.add(quote.group(1));
      }
    }
    return quotes;
  }

  /** With texts that are cut over lines put together again. */
  private static String sources() throws IOException {
    StringBuilder all = new StringBuilder(Files.readString(Path.of("cni/culvert-cni.c")));
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          all.append(Files.readString(file));
        }
      }
    }
    return all.toString().replaceAll("\"\\s*\\+\\s*\"", "");
  }
}
