// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.agent.AgentConfig;
import dev.culvert.controlplane.ControlPlaneConfig;
import dev.culvert.policy.settings.FixedVariable;
import dev.culvert.policy.settings.ForeignSettings;
import dev.culvert.policy.settings.Setting;
import dev.culvert.waypoint.mesh.MeshGatewayConfig;
import dev.culvert.waypoint.mesh.WaypointConfig;
import dev.culvert.ztunnel.config.IstioEnvironment;
import dev.culvert.ztunnel.config.ZtunnelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds docs/configuration.md true: it is what the settings say of themselves. */
final class ConfigurationDocumentTest {
  private static final Path DOCUMENT = Path.of("../docs/configuration.md");

  private static final String INTRODUCTION =
      """
      # Configuration

      Every process takes its settings as `--key value`, from the environment as `CULVERT_KEY` (upper case, `_` for `-`), or from a file of
      `key=value` lines given with `--config FILE`; the command line wins over the environment, the environment over the file. `--config DIR` is
      the same as `source=DIR`. An unknown key or a value that does not fit stops the start with exit code 2 and names the key.
      `culvert PROCESS --help` shows the same as this page.

      This page is written by `ConfigurationDocumentTest` from the settings themselves; run it with `CULVERT_WRITE_DOCS=true` after a change.
      """;

  private static final String ISTIO =
      """

      ### Istio's names

      `culvert ztunnel`, also as `culvert proxy ztunnel`, takes the place of Istio's ztunnel under istio-cni and istiod, or under Cilium's agent:
      it understands these variables of its DaemonSet. They win over a file, and give way to `CULVERT_` variables and to the command line. With
      `INPOD_ENABLED=true`, as Istio's chart has it, or an `INPOD_UDS`, as Cilium's, connections may be taken to it by rules of the packet filter
      as well as by the own agent's programs.

      | variable | key | how it is read |
      |---|---|---|
      """;

  private static final String FIXED =
      """

      What Istio's ztunnel can be told and this one cannot:

      | variable | may be | another value | why |
      |---|---|---|---|
      """;

  @Test
  void documentSaysWhatTheSettingsSay() throws IOException {
    String document =
        INTRODUCTION
            + process("controlplane", ControlPlaneConfig.settings())
            + process("agent", AgentConfig.settings())
            + process("ztunnel", ZtunnelConfig.settings())
            + foreign(new IstioEnvironment())
            + process("waypoint", WaypointConfig.settings())
            + process("gateway", MeshGatewayConfig.settings());
    if ("true".equals(System.getenv("CULVERT_WRITE_DOCS"))) {
      Files.writeString(DOCUMENT, document);
    }
    assertThat(DOCUMENT).content().isEqualTo(document);
  }

  private static String process(String name, List<Setting<?>> settings) {
    StringBuilder text = new StringBuilder();
    text.append("\n## culvert ").append(name).append("\n\n");
    text.append("| key | value | default | what and why |\n|---|---|---|---|\n");
    settings.forEach(setting -> text.append(row(setting)));
    return text.toString();
  }

  private static String foreign(ForeignSettings foreign) {
    StringBuilder text = new StringBuilder(ISTIO);
    for (ForeignSettings.Name name : foreign.names()) {
      text.append("| `%s` | `%s` | %s |\n".formatted(name.variable(), name.key(), name.note()));
    }
    text.append(FIXED);
    for (FixedVariable fixed : foreign.fixed()) {
      String same = fixed.same().stream().map("`%s`"::formatted).collect(Collectors.joining(", "));
      text.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(fixed.variable(), same, fixed.otherwise().text(), fixed.why()));
    }
    return text.toString();
  }

  private static String row(Setting<?> setting) {
    String standard =
        setting
            .standard()
            .map(value -> value.isEmpty() ? "empty" : "`" + value + "`")
            .orElse(setting.required() ? "required" : "none");
    return "| `%s` | %s | %s | %s |\n"
        .formatted(setting.key(), cell(setting.form()), standard, cell(setting.why()));
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
