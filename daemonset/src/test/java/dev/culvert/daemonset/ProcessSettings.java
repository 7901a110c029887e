// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import dev.culvert.agent.AgentConfig;
import dev.culvert.controlplane.ControlPlaneConfig;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import dev.culvert.ztunnel.config.ZtunnelConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The processes' own reading of the variables that their containers give them. */
final class ProcessSettings {
  /** Those that every process has, and the launcher's. */
  private static final Set<String> COMMON =
      Set.of("CULVERT_LOG_FORMAT", "CULVERT_LOG_LEVEL", "CULVERT_JAVA_OPTS");

  private ProcessSettings() {}

  /**
   * The configuration of every process among the containers.
   *
   * @throws RuntimeException naming the variable that is unknown or the value that does not fit
   */
  static Map<String, Object> read(List<Manifest> objects) {
    Map<String, Object> read = new TreeMap<>();
    for (Manifest object : objects) {
      for (Manifest container : object.containers()) {
        String process = container.texts("args").getFirst();
        if (!process.equals("node")) {
          read.put(process, read(process, container));
        }
      }
    }
    return read;
  }

  private static Object read(String process, Manifest container) {
    return switch (process) {
      case "controlplane" ->
          ControlPlaneConfig.from(settings(ControlPlaneConfig.settings(), container));
      case "agent" -> AgentConfig.from(settings(AgentConfig.settings(), container));
      case "ztunnel" -> ZtunnelConfig.from(settings(ZtunnelConfig.settings(), container));
      default -> throw new IllegalArgumentException("no such process: " + process);
    };
  }

  private static Settings settings(List<Setting<?>> known, Manifest container) {
    Map<String, String> keys = new HashMap<>();
    known.forEach(setting -> keys.put(setting.environmentVariable(), setting.key()));
    Map<String, String> texts = new HashMap<>();
    for (Manifest variable : container.all("env")) {
      String name = variable.text("name");
      if (!COMMON.contains(name)) {
        texts.put(keys.getOrDefault(name, name), value(variable));
      }
    }
    return Settings.of(known, texts);
  }

  /** What Kubernetes fills in is an address or a name. */
  private static String value(Manifest variable) {
    boolean field = !variable.at("valueFrom").tree().isEmpty();
    return field ? "198.18.0.1" : variable.text("value");
  }
}
