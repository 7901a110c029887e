// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.node;

import dev.culvert.agent.NodeTraces;
import dev.culvert.cli.answer.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code culvert node}: for the init containers of the chart, and for who cleans up by hand. */
@Command(name = "node", description = "Prepare this node for the mesh, or clean it. Needs root.")
public final class NodeCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do: prepare or clean");
  }

  @Command(
      name = "prepare",
      description = "Make what an agent in a container cannot make for the node.")
  int prepare(
      @Option(
              names = "--bpffs",
              paramLabel = "FOLDER",
              description = "Mount a BPF file system there if there is none.")
          Path bpffs,
      @Option(
              names = "--seccomp",
              paramLabel = "FOLDER",
              description = "Write Culvert's seccomp profiles to culvert/ in the kubelet's folder.")
          Path seccomp,
      @Option(
              names = "--cni-bin-dir",
              paramLabel = "FOLDER",
              description = "Put the CNI plugin into the node's folder of plugins.")
          Path plugins)
      throws IOException {
    if (bpffs != null) {
      out().println(NodePreparation.bpffs(bpffs));
    }
    if (seccomp != null) {
      NodePreparation.seccomp(seccomp).forEach(file -> out().println("wrote " + file));
    }
    if (plugins != null) {
      out().println("wrote " + NodePreparation.plugin(plugins));
    }
    return ExitCode.OK;
  }

  @Command(
      name = "clean",
      description = {
        "Take everything of Culvert off this node: programs and pins, the CNI plugin, sockets, kernel settings of pods.",
        "Refuses while an agent runs."
      })
  int clean(
      @Option(
              names = "--pin-dir",
              defaultValue = "/sys/fs/bpf/culvert",
              description = "Where the agent pinned. Default: /sys/fs/bpf/culvert")
          Path pins,
      @Option(
              names = "--run-dir",
              defaultValue = "/run/culvert",
              description = "Where its sockets are. Default: /run/culvert")
          Path run,
      @Option(
              names = "--zds-socket",
              defaultValue = "/var/run/ztunnel/ztunnel.sock",
              description = "Where ztunnel called. Default: /var/run/ztunnel/ztunnel.sock")
          Path zds,
      @Option(
              names = "--cni-bin-dir",
              defaultValue = "/opt/cni/bin",
              description = "The node's CNI plugins. Default: /opt/cni/bin")
          Path plugins,
      @Option(
              names = "--cni-conf-dir",
              defaultValue = "/etc/cni/net.d",
              description = "The node's CNI configuration. Default: /etc/cni/net.d")
          Path configuration,
      @Option(
              names = "--seccomp",
              paramLabel = "FOLDER",
              description = "The kubelet's seccomp folder, when profiles were written.")
          Path seccomp)
      throws IOException {
    NodeTraces traces =
        new NodeTraces(pins, run, zds, plugins, configuration, Optional.ofNullable(seccomp));
    List<String> removed = traces.remove();
    removed.forEach(line -> out().println("removed " + line));
    out().println(removed.isEmpty() ? "nothing of Culvert is on this node" : "the node is clean");
    return ExitCode.OK;
  }

  @Command(name = "rest", hidden = true, description = "Do nothing until SIGTERM.")
  int rest() throws InterruptedException {
    new CountDownLatch(1).await();
    return ExitCode.OK;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
