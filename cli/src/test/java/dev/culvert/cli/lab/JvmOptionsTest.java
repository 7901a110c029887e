// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.daemon.Daemon;
import dev.culvert.cli.daemon.Daemons;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JvmOptionsTest {
  private static final Path FILES = Path.of("src/main/resources/dev/culvert/cli");
  private static final long MIB = 1 << 20;

  @Test
  void eachFileIsOfADaemonOrOfAll() throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".options"))
          .contains("jvm.options", "gateway.options", "waypoint.options")
          .isSubsetOf(
              Stream.concat(Stream.of("jvm"), Daemons.all().stream().map(Daemon::name))
                  .map(name -> name + ".options")
                  .toList());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gateway", "waypoint"})
  void whatServesRequestsHasRoomForNewObjects(String daemon) throws Exception {
    List<String> said = started(daemon);
    assertThat(flag(said, "MaxNewSize")).isEqualTo(16 * MIB);
    assertThat(flag(said, "NewSize")).isEqualTo(16 * MIB);
    assertThat(flag(said, "InitialHeapSize")).isEqualTo(32 * MIB);
    assertThat(said).noneMatch(line -> line.contains("[warning]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent", "ztunnel", "controlplane"})
  void whatIdlesOnANodeStaysSmall(String daemon) throws Exception {
    List<String> said = started(daemon);
    assertThat(flag(said, "NewSize")).isLessThan(6 * MIB);
    assertThat(flag(said, "InitialHeapSize")).isEqualTo(16 * MIB);
  }

  private static long flag(List<String> said, String name) {
    return said.stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words.length > 3 && words[1].equals(name))
        .map(words -> Long.parseLong(words[3]))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + said));
  }

  /** All flags of its JVM, which ends with them instead of beginning. */
  private static List<String> started(String daemon) throws Exception {
    List<String> command = new ArrayList<>(JavaCommand.daemon(daemon, List.of()));
    command.subList(command.indexOf("-cp"), command.size()).clear();
    command.addAll(List.of("-Xlog:gc*=warning:stdout", "-XX:+PrintFlagsFinal", "-version"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.lines().toList();
  }
}
