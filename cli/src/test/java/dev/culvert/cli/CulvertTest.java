// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.daemon.Daemon;
import dev.culvert.policy.settings.Setting;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CulvertTest {
  private static final Setting<String> NODE =
      Setting.text("node", "", "The node it runs on.").withoutDefault();
  private static final Setting<Integer> PORT =
      Setting.integer("admin-port", 15000, 0, 65535, "100% local.");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Map<String, String> environment = new HashMap<>();
  private String started = "";

  @Test
  void unknownSettingNamesTheNearestOne() {
    assertThat(run("proxy", "--admin-prot", "1")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("admin-prot").contains("did you mean admin-port?");
  }

  @Test
  void unknownSettingWithEqualsSign() {
    assertThat(run("proxy", "--nod=a")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("did you mean node?");
  }

  @Test
  void unknownCommandNamesTheNearestOne() {
    assertThat(run("prxy")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("did you mean proxy?");
  }

  @Test
  void missingRequiredSetting() {
    assertThat(run("proxy")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("node: is required").contains("The node it runs on");
  }

  @Test
  void valueOutOfRangeNamesItsSource() {
    environment.put("CULVERT_ADMIN_PORT", "70000");
    assertThat(run("proxy", "--node", "a")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("70000").contains("CULVERT_ADMIN_PORT");
  }

  @Test
  void noCommand() {
    assertThat(run()).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("proxy").contains("version");
  }

  @Test
  void helpListsEverySettingWithDefaultAndReason() {
    assertThat(run("proxy", "--help")).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("--admin-port", "100% local.", "Default: 15000", "CULVERT_ADMIN_PORT")
        .contains("Required", "--log-format", "--config");
  }

  @Test
  void startThatFailsTellsTheCause() {
    assertThat(run("proxy", "--node", "a")).isEqualTo(ExitCode.FAILURE);
    assertThat(started).isEqualTo("a:15000");
  }

  @Test
  void commandLineWinsOverEnvironmentOverFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("proxy.conf");
    Files.writeString(file, "# a comment\n\nnode = from-file\nadmin-port=1\n");
    environment.put("CULVERT_ADMIN_PORT", "2");
    run("proxy", "--config", file.toString());
    assertThat(started).isEqualTo("from-file:2");
    run("proxy", "--config", file.toString(), "--admin-port", "3");
    assertThat(started).isEqualTo("from-file:3");
  }

  @Test
  void configFileErrorsNameTheLine(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("proxy.conf");
    Files.writeString(file, "node=a\nadmin-prot=1\n");
    assertThat(run("proxy", "--config", file.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("proxy.conf line 2").contains("admin-port");
    Files.writeString(file, "node\n");
    assertThat(run("proxy", "--config", file.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("'node' is not key=value");
    assertThat(run("proxy", "--config", "/nowhere")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("cannot read /nowhere");
  }

  @Test
  void versionPrintsWhatABugReportNeeds() {
    assertThat(run("version", "--client")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("culvert", "JVM", "kernel");
  }

  private int run(String... arguments) {
    Daemon proxy =
        new Daemon(
            "proxy",
            "A proxy.",
            List.of(NODE, PORT),
            settings -> {
              started = settings.get(NODE) + ":" + settings.get(PORT);
              throw new IOException("address in use");
            });
    return new Culvert(List.of(proxy), environment)
        .writingTo(new PrintWriter(out, true), new PrintWriter(err, true))
        .run(arguments);
  }
}
