// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the shell is told about arguments that cannot be used: exit code 2, the key, the remedy, no
 * stack trace.
 */
final class WrongUseTest {
  private static final int USAGE = 2;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          conrtolplane                                    | controlplane
          controlplane --sorce=/tmp                       | source
          controlplane --source=/tmp --listen=nowhere     | listen
          controlplane                                    | source
          agent --node=n1 --source=/tmp --pin-dri=/tmp    | pin-dir
          agent --source=/tmp                             | node
          ztunnel --node=n1 --xds-address=a:1 --root-cert=r --token-file=t --transport=carrier-pigeon    | transport
          ztunnel --node=n1 --xds-address=a:1 --root-cert=r --token-file=t --workers=many                | workers
          ztunnel --node=n1 --xds-address=a:1 --root-cert=r --token-file=t --connect-timeout=soon        | connect-timeout
          ztunnel --node=n1 --xds-address=a:1 --root-cert=r --token-file=t --xds-on-demand=true           | dns-proxy=false
          ztunnel                                         | node
          """)
  void namesTheKey(String arguments, String key) throws Exception {
    refused(CulvertCommand.run(folder, arguments.strip().split(" +")), key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"controlplane", "agent", "ztunnel"})
  void unknownKeyInTheFile(String process) throws Exception {
    Path file = Files.writeString(folder.resolve("culvert.conf"), "no-such-key=1\n");
    refused(CulvertCommand.run(folder, process, "--config=" + file), "no-such-key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"controlplane", "agent", "ztunnel"})
  void fileThatIsNotThere(String process) throws Exception {
    String file = folder.resolve("absent.conf").toString();
    refused(CulvertCommand.run(folder, process, "--config", file), file);
  }

  @Test
  void withoutCommand() throws Exception {
    refused(CulvertCommand.run(folder), "controlplane");
  }

  @Test
  void helpIsNoMistake() throws Exception {
    CulvertCommand help = CulvertCommand.run(folder, "ztunnel", "--help");
    assertThat(help.code()).isZero();
    assertThat(help.output()).contains("--transport");
  }

  private static void refused(CulvertCommand command, String named) {
    assertThat(command.code()).as(command.output()).isEqualTo(USAGE);
    assertThat(command.output()).contains(named).doesNotContain("\tat ");
  }
}
