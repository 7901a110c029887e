// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One sentence with what to do, whatever is wrong with a cluster or with how it is named. */
final class UnhappyClusterTest {
  @TempDir private Path folder;
  private TestCluster cluster;
  private String kubeconfig;

  @BeforeEach
  void begin() throws IOException {
    cluster = new TestCluster();
    kubeconfig = cluster.kubeconfig(folder).toString();
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  private CommandRun run(String command, String... more) {
    List<String> all = new ArrayList<>(List.of(command, "--kubeconfig", kubeconfig));
    all.addAll(List.of(more));
    return CommandRun.of(all.toArray(String[]::new));
  }

  private void kubeconfig(String text) throws IOException {
    kubeconfig = Files.writeString(folder.resolve("other"), text).toString();
  }

  private static void assertOneLine(CommandRun run, int code, String... parts) {
    assertThat(run.output().lines()).as(run.output()).singleElement().asString().contains(parts);
    assertThat(run.code()).isEqualTo(code);
  }

  @ParameterizedTest
  @ValueSource(strings = {"install", "upgrade", "uninstall", "status"})
  void serverThatIsNotThereIsNamed(String command) {
    cluster.close();
    assertOneLine(
        run(command),
        1,
        "culvert %s: http://127.0.0.1:".formatted(command),
        ": the API server does not answer: its port cannot be connected to; see whether it runs");
  }

  @Test
  void serverWithoutANameIsSaidToBe() throws IOException {
    kubeconfig(
        Files.readString(Path.of(kubeconfig)).replaceFirst("127.0.0.1:[0-9]+", "nowhere.invalid"));
    assertOneLine(run("status"), 1, "http://nowhere.invalid/: ", "nobody knows its name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"install", "upgrade", "status"})
  void whatIsNotAllowedIsSaid(String command) {
    cluster.refuse("deployments");
    assertOneLine(
        run(command), 1, "the API server does not allow it (403): ", "use a kubeconfig that may");
    assertThat(cluster.changes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"install", "upgrade", "uninstall"})
  void timeThatIsNoneIsRefusedBeforeAnythingIsChanged(String command) {
    assertOneLine(run(command, "--timeout", "soon"), 2, "--timeout soon: a whole number");
    assertThat(cluster.changes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"clusters: [", "- one", "\u0000", "current-context: {a: b}"})
  void fileThatIsNoKubeconfigIsNamed(String text) throws IOException {
    kubeconfig(text);
    assertOneLine(run("status"), 2, kubeconfig + ": is no kubeconfig that can be read: ");
  }

  @Test
  void fileThatIsNotThereIsNamed() {
    kubeconfig = folder.resolve("missing").toString();
    assertOneLine(run("install"), 2, kubeconfig + ": ", "no such file");
  }

  @Test
  void misspeltOptionIsCalledAnOption() {
    CommandRun run = run("install", "--dryrun");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output())
        .isEqualToIgnoringNewLines(
            """
            culvert install: --dryrun: unknown option; did you mean --dry-run?
            Try 'culvert install --help'.
            """);
  }

  /** In a process of its own: what a library logs would go past this one's writers. */
  @Test
  void commandSaysWhatItHasToSayAndNothingElse() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.culvert.cli.Culvert",
                "status",
                "--kubeconfig",
                kubeconfig)
            .redirectErrorStream(true)
            .start();
    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8))
        .isEqualToIgnoringNewLines("Culvert is not installed in culvert-system");
    assertThat(process.waitFor()).isEqualTo(1);
  }
}
