// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kubelet;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.cli.lab.LabPod;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;

/** A pod's network as a container runtime has it made: the committed plugin, called as CNI says. */
public record Sandbox(LabPod pod) {
  private static final Path PLUGIN =
      Path.of("../daemonset/cni/prebuilt/culvert-cni").toAbsolutePath();

  /** What the plugin answered. */
  public record Result(int exit, String output) {
    /** Whether the pod may start. */
    public boolean mayStart() {
      return exit == 0;
    }
  }

  /** The last step before a pod's containers start. */
  public Result add() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(PLUGIN.toString());
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "CNI_COMMAND",
                "ADD",
                "CNI_CONTAINERID",
                "sandbox-" + pod.name(),
                "CNI_NETNS",
                pod.netnsFile().toString(),
                "CNI_IFNAME",
                "eth0",
                "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s"
                    .formatted(pod.spec().namespace(), pod.name())));
    Process process = builder.start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(configuration().getBytes(UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Result(process.onExit().join().exitValue(), output);
  }

  private String configuration() {
    return """
    {"cniVersion":"1.1.0","name":"net","type":"culvert-cni","socket":"%s",
     "prevResult":{"cniVersion":"1.1.0","ips":[{"address":"%s/24"},{"address":"%s/64"}]}}"""
        .formatted(pod.node().cniSocket(), pod.ip4(), pod.ip6());
  }
}
