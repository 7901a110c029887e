// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What the chart says of a container that a node runs.
 *
 * @param capabilities as OCI names them; all others are dropped
 * @param seesProcessesOfTheNode hostPID
 * @param mounts mount paths by the names of their volumes
 */
record ChartContainer(
    String name,
    List<String> capabilities,
    boolean seesProcessesOfTheNode,
    Map<String, List<String>> mounts) {
  private static final Path INSTALL = Path.of("../daemonset/install.yaml");

  /** The container of that name, of the chart with its default values. */
  static ChartContainer named(String name) throws IOException {
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(install())) {
      if (document instanceof Map<?, ?> object && "DaemonSet".equals(object.get("kind"))) {
        Map<?, ?> pod = map(map(map(object, "spec"), "template"), "spec");
        for (Object container : (List<?>) pod.get("containers")) {
          if (container instanceof Map<?, ?> each && name.equals(each.get("name"))) {
            return of(name, pod, each);
          }
        }
      }
    }
    throw new IOException("%s has no container %s".formatted(INSTALL, name));
  }

  private static String install() throws IOException {
    return Files.readString(INSTALL);
  }

  private static ChartContainer of(String name, Map<?, ?> pod, Map<?, ?> container) {
    Map<?, ?> capabilities = map(map(container, "securityContext"), "capabilities");
    List<String> added =
        ((List<?>) capabilities.get("add")).stream().map(each -> "CAP_" + each).toList();
    Map<String, List<String>> mounts = new LinkedHashMap<>();
    for (Object mount : (List<?>) container.get("volumeMounts")) {
      Map<?, ?> each = (Map<?, ?>) mount;
      mounts
          .computeIfAbsent((String) each.get("name"), _ -> new ArrayList<>())
          .add((String) each.get("mountPath"));
    }
    return new ChartContainer(name, added, Boolean.TRUE.equals(pod.get("hostPID")), mounts);
  }

  private static Map<?, ?> map(Map<?, ?> of, String key) {
    return (Map<?, ?>) of.get(key);
  }
}
