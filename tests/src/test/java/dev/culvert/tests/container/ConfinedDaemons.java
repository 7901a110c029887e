// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.container;

import dev.culvert.cli.lab.JavaCommand;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabMesh;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Agent and ztunnels of a node in containers as the chart makes them, each in a cgroup of its pod.
 */
final class ConfinedDaemons {
  private static final String AGENT = "agent";
  private static final String ZTUNNEL = "ztunnel";

  private final Lab lab;
  private final LabNode node;
  private final SeccompProfile profile;
  private final Map<String, String> ztunnelSettings;
  private final Map<String, Container> containers = new LinkedHashMap<>();

  ConfinedDaemons(
      Lab lab, LabNode node, SeccompProfile profile, Map<String, String> ztunnelSettings) {
    this.lab = lab;
    this.node = node;
    this.profile = profile;
    this.ztunnelSettings = ztunnelSettings;
  }

  /**
   * Starts the agent.
   *
   * @param api the URL of the API server, in the node's network
   */
  LabProcess startAgent(String api) throws IOException {
    Path account = lab.layout().directory().resolve("account");
    Files.createDirectories(account);
    Files.writeString(account.resolve("kubeconfig"), kubeconfig(api));
    Map<String, Path> volumes = new LinkedHashMap<>(volumesOfNode());
    volumes.put("run", node.directory());
    volumes.put("zds", node.directory());
    Container container = container(AGENT, AGENT, volumes, Map.of("/account", account));
    return new LabMesh(lab, container.prefix())
        .startAgent(
            node,
            Map.of(
                "source", "kubernetes",
                "kubeconfig", "/account/kubeconfig",
                "cgroup", "/host/sys/fs/cgroup",
                "zds-socket", "/var/run/ztunnel/ztunnel.sock",
                "socket", "/run/culvert/agent.sock",
                "pairs-socket", "/run/culvert/pairs.sock",
                "cni-socket", "/run/culvert/cni.sock",
                "cni-conf-dir", "/host/etc/cni/net.d"));
  }

  private static String kubeconfig(String api) {
    return """
    apiVersion: v1
    kind: Config
    clusters: [{name: node, cluster: {server: "%s"}}]
    contexts: [{name: node, context: {cluster: node, user: agent}}]
    users: [{name: agent, user: {token: none}}]
    current-context: node
    """
        .formatted(api);
  }

  private Map<String, Path> volumesOfNode() throws IOException {
    return Map.of(
        "bpffs", Path.of("/sys/fs/bpf"),
        "cgroup", Container.cgroup(node.cgroup()),
        "netns", Path.of("/run/netns"),
        "sysctl", Path.of("/proc/sys/net"),
        "cni-conf", conflist().getParent());
  }

  /**
   * Starts one beside those that the node has.
   *
   * @param turn how many were before it
   */
  LabProcess startZtunnel(int turn) throws IOException {
    Map<String, Path> volumes = Map.of("run", node.directory(), "zds", node.directory());
    Map<String, Path> more = Map.of("/state", lab.layout().state());
    Container container = container(ZTUNNEL, ZTUNNEL + turn, volumes, more);
    Map<String, String> settings = new LinkedHashMap<>(ztunnelSettings);
    settings.put("root-cert", "/state/root-cert.pem");
    settings.put("token-file", "/state/nodes/%s.token".formatted(node.name()));
    settings.put("zds-socket", "/var/run/ztunnel/ztunnel.sock");
    settings.put("pairs-socket", "/run/culvert/pairs.sock");
    return new LabMesh(lab, container.prefix()).startZtunnel(node, turn, settings);
  }

  /** What an uninstall runs on the node, in the agent's place. */
  LabProcess startCleaning() throws IOException {
    Container container =
        container(
            AGENT, "clean", volumesOfNode(), Map.of("/host/run", node.directory().getParent()));
    List<String> command =
        container.run(
            JavaCommand.program(
                "node",
                List.of(
                    "clean",
                    "--pin-dir=" + node.pinDirectory(),
                    "--run-dir=/host/run/" + node.name(),
                    "--zds-socket=/host/run/%s/ztunnel.sock".formatted(node.name()),
                    "--cni-conf-dir=/host/etc/cni/net.d")));
    return lab.start(node.place(), "clean", command);
  }

  /** SIGKILL, or another signal, to what runs in the container of that name. */
  void signal(String container, String signal) throws IOException {
    containers.get(container).signal(lab, signal);
  }

  /** The list that a runtime of the node reads. */
  Path conflist() {
    return lab.layout().directory().resolve("net.d").resolve("10-net.conflist");
  }

  /** The cgroup of the pod that agents, or ztunnels, of the node are in. */
  Path pod(String daemon) {
    return node.place().cgroup().resolve(daemon + "-pod");
  }

  private Container container(
      String daemon, String name, Map<String, Path> volumes, Map<String, Path> more)
      throws IOException {
    Container known = containers.get(name);
    if (known != null) {
      return known;
    }
    Container made =
        Container.make(
            ChartContainer.named(daemon),
            lab.layout().directory().resolve("containers"),
            name,
            Files.createDirectories(pod(daemon)),
            profile,
            volumes,
            more);
    containers.put(name, made);
    return made;
  }

  /** Ends what still runs. */
  void delete() throws IOException {
    for (Container container : containers.values()) {
      container.delete(lab);
    }
  }
}
