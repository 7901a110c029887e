// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Settings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AgentConfigTest {
  private static Duration cniPatience(String text) {
    Map<String, String> given = Map.of("node", "one", "source", "/tmp", "cni-patience", text);
    return AgentConfig.from(Settings.of(AgentConfig.settings(), given)).cniPatience();
  }

  @Test
  void pluginOutwaitsTheAgent() {
    assertThat(cniPatience("50s")).isEqualTo(Duration.ofSeconds(50));
    assertThatThrownBy(() -> cniPatience("51s"))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContainingAll("cni-patience", "51s", "at most 50s");
  }
}
