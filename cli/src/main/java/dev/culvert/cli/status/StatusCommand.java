// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.status;

import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.install.ClusterOptions;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert status}: the mesh of this machine, or that of KUBECONFIG. */
@Command(
    name = "status",
    description = {
      "Show nodes, proxies, pods, waypoints and errors of a mesh: that of KUBECONFIG, else this machine's.",
    },
    footer = "Exit code: 0 all of it is ready, 1 something is not, 2 used wrongly.")
public final class StatusCommand implements Callable<Integer> {
  @Mixin private ClusterOptions where;

  @Option(
      names = "--node",
      description = "This machine's, also when there is a KUBECONFIG; as root.")
  private boolean node;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    boolean ready;
    if (node || !where.isGiven()) {
      ready = local(node, out);
    } else {
      try (KubernetesClient client = where.connectAndAsk()) {
        ready = new ClusterStatus(client, where.namespace()).print(out);
      }
    }
    out.flush();
    return ready ? ExitCode.OK : ExitCode.FAILURE;
  }

  private static boolean local(boolean asked, PrintWriter out) throws IOException {
    List<LocalAgent> agents = LocalAgent.all();
    if (agents.isEmpty()) {
      String instead = asked ? "" : ", and there is no kubeconfig (--kubeconfig, KUBECONFIG)";
      out.println("no agent runs on this machine" + instead);
      return false;
    }
    boolean ready = true;
    for (LocalAgent agent : agents) {
      ready &= orSilence(agent, out);
    }
    return ready;
  }

  /** One that does not answer is no reason to be silent about the others. */
  private static boolean orSilence(LocalAgent agent, PrintWriter out) {
    try {
      boolean ready = print(agent.state(), out);
      agent.trouble().ifPresent(text -> out.println("CNI: " + text));
      return ready;
    } catch (IOException e) {
      out.println(e.getMessage());
      return false;
    }
  }

  private static boolean print(LocalAgent.State state, PrintWriter out) {
    Table pods = new Table("POD", "STATE", "ADDRESSES", "NOTE");
    boolean ready = state.ztunnels() > 0;
    for (LocalAgent.Pod pod : state.pods()) {
      pods.row(pod.name(), pod.state(), pod.addresses(), pod.note());
      ready &= pod.note().isEmpty() || pod.isLeftAlone();
    }
    out.printf(
        "node %s: %d ztunnel%s, %d pods%n",
        state.node(), state.ztunnels(), state.ztunnels() == 1 ? "" : "s", state.pods().size());
    pods.print(out);
    return ready;
  }
}
