// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.ZtunnelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Holds the manifest to what the proxy really takes and serves. */
final class ZtunnelManifestTest {
  private static Node pod;
  private static Node container;

  @BeforeAll
  static void read() throws IOException {
    String text = Files.readString(Path.of("manifest/ztunnel.yaml"));
    Load yaml = new Load(LoadSettings.builder().build());
    Node daemonSet =
        StreamSupport.stream(yaml.loadAllFromString(text).spliterator(), false)
            .map(Node::new)
            .filter(node -> node.text("kind").equals("DaemonSet"))
            .findFirst()
            .orElseThrow();
    pod = daemonSet.at("spec").at("template").at("spec");
    container = pod.list("containers").getFirst();
  }

  @Test
  void argumentsAreSettingsThatTheProxyTakes() {
    List<String> arguments = container.texts("args");
    assertThat(arguments.getFirst()).isEqualTo("ztunnel");

    Map<String, String> given = new LinkedHashMap<>();
    arguments.stream()
        .skip(1)
        .map(argument -> argument.substring(2).split("=", 2))
        .forEach(pair -> given.put(pair[0], pair[1]));
    given.put("dns-upstream", "198.18.0.53");

    assertThat(ZtunnelConfig.from(Settings.of(ZtunnelConfig.settings(), given)).tokenFile())
        .isEqualTo(Path.of("/var/run/secrets/tokens/culvert-token"));
  }

  @Test
  void portsAreThoseOfTheSettings() {
    assertThat(port("metrics")).isEqualTo(standard("stats-port"));
    assertThat(port("ready")).isEqualTo(standard("ready-port"));
    assertThat(container.at("readinessProbe").at("httpGet").text("port")).isEqualTo("ready");
  }

  @Test
  void socketOfTheAgentIsMounted() {
    Path socket = Path.of(standard("zds-socket"));
    Node mount =
        container.list("volumeMounts").stream()
            .filter(node -> node.text("name").equals("zds"))
            .findFirst()
            .orElseThrow();
    assertThat(socket.getParent()).isEqualTo(Path.of(mount.text("mountPath")));
  }

  @Test
  void proxyHasNoMoreRightsThanItNeeds() {
    Node security = container.at("securityContext");
    assertThat(security.at("capabilities").texts("drop")).containsExactly("ALL");
    assertThat(security.at("capabilities").texts("add"))
        .containsExactlyInAnyOrder("NET_ADMIN", "SYS_ADMIN");
    assertThat(security.text("readOnlyRootFilesystem")).isEqualTo("true");
    assertThat(security.has("privileged")).isFalse();
    assertThat(pod.has("hostNetwork")).isFalse();
  }

  private static String port(String name) {
    return container.list("ports").stream()
        .filter(node -> node.text("name").equals(name))
        .findFirst()
        .orElseThrow()
        .text("containerPort");
  }

  private static String standard(String key) {
    return ZtunnelConfig.settings().stream()
        .filter(setting -> setting.key().equals(key))
        .findFirst()
        .orElseThrow()
        .standard()
        .orElseThrow();
  }

  private record Node(Object value) {
    boolean has(String key) {
      return ((Map<?, ?>) value).containsKey(key);
    }

    Node at(String key) {
      assertThat(has(key)).as(key).isTrue();
      return new Node(((Map<?, ?>) value).get(key));
    }

    String text(String key) {
      return at(key).value.toString();
    }

    List<Node> list(String key) {
      return ((List<?>) at(key).value).stream().map(Node::new).toList();
    }

    List<String> texts(String key) {
      return ((List<?>) at(key).value).stream().map(Object::toString).toList();
    }
  }
}
