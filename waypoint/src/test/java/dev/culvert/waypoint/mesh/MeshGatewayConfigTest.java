// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MeshGatewayConfigTest {
  private static final Map<String, String> IN_THE_MESH =
      Map.of(
          "xds-address", "control:15012",
          "gateway", "shop/door",
          "node", "node-1",
          "pod-name", "door-1");

  private static MeshGatewayConfig read(Map<String, String> settings) {
    return MeshGatewayConfig.from(Settings.of(MeshGatewayConfig.settings(), settings));
  }

  @Test
  void folderIsEnoughAlone() {
    MeshGatewayConfig config = read(Map.of("source", "door"));
    assertThat(config.door().source()).contains(Path.of("door"));
    assertThat(config.member()).isEmpty();
  }

  @Test
  void inTheMeshItKnowsWhoItIs() {
    MemberConfig member = read(IN_THE_MESH).member().orElseThrow();
    assertThat(member.gateway()).hasToString("shop/door");
    assertThat(member.serviceAccount()).isEqualTo("door");
    assertThat(member.caAddress()).isEqualTo(member.xdsAddress());
    assertThat(member.tunnels().connectTimeout()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void eitherAFolderOrAControlPlaneTellsIt() {
    assertRefused(Map.of(), "source");
    Map<String, String> both = new HashMap<>(IN_THE_MESH);
    both.put("source", "door");
    assertRefused(both, "source");
  }

  @Test
  void whatTheMeshNeedsIsAskedFor() {
    for (String key : new String[] {"gateway", "node", "pod-name"}) {
      Map<String, String> without = new HashMap<>(IN_THE_MESH);
      without.remove(key);
      assertRefused(without, key);
    }
  }

  private static void assertRefused(Map<String, String> settings, String key) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> read(settings))
        .withMessageContaining(key);
  }
}
