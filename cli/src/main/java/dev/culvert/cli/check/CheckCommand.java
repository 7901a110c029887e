// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import dev.culvert.cli.answer.Causes;
import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.install.ClusterOptions;
import dev.culvert.cli.status.LocalAgent;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code culvert check}: looks at this node, and at the cluster of KUBECONFIG when there is one.
 */
@Command(
    name = "check",
    description = "Find what stands in the way of the mesh; each finding with its remedy.",
    footer = "Exit code: 0 nothing fails, 1 something does, 2 used wrongly.")
public final class CheckCommand implements Callable<Integer> {
  @Mixin private ClusterOptions where;

  @Option(names = "--node", description = "Look at this node only, as root.")
  private boolean node;

  @Option(names = "--cluster", description = "Look at the cluster only.")
  private boolean cluster;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<Finding> findings = new ArrayList<>();
    if (!cluster) {
      look("this node", nodeChecks(), findings);
    }
    if (cluster || (!node && where.isGiven())) {
      try (KubernetesClient client = where.connect()) {
        look(
            "cluster " + client.getMasterUrl(),
            ClusterChecks.of(client, where.namespace()),
            findings);
      }
    } else if (!node) {
      spec.commandLine()
          .getOut()
          .println("no cluster was looked at: there is no kubeconfig (--kubeconfig, KUBECONFIG)");
    }
    boolean failed =
        findings.stream().anyMatch(finding -> finding.level() == Finding.Level.FAILURE);
    return failed ? ExitCode.FAILURE : ExitCode.OK;
  }

  private static List<Check> nodeChecks() {
    return List.of(
        new KernelCheck(),
        new MountsCheck(),
        new TransportCheck(Path.of("/proc")),
        new AttachedCheck(LocalAgent::all),
        new AgentsCheck(LocalAgent::all));
  }

  private void look(String title, List<Check> checks, List<Finding> into) {
    spec.commandLine().getOut().println(title);
    try {
      for (Check check : checks) {
        tell(look(check), into);
      }
    } catch (NoAnswerException e) {
      tell(List.of(e.finding()), into);
    }
  }

  private void tell(List<Finding> findings, List<Finding> into) {
    PrintWriter out = spec.commandLine().getOut();
    findings.forEach(finding -> out.println("  " + finding.text()));
    out.flush();
    into.addAll(findings);
  }

  private static List<Finding> look(Check check) {
    try {
      return check.findings();
    } catch (KubernetesClientException e) {
      if (e.getCause() instanceof IOException) {
        throw new NoAnswerException(check, e);
      }
      return List.of(notLookedAt(check, e));
    } catch (IOException e) {
      return List.of(notLookedAt(check, e));
    }
  }

  private static Finding notLookedAt(Check check, Exception why) {
    return Finding.failure(
        "%s could not be looked at: %s".formatted(check.name(), Causes.of(why)),
        "run it as root, or with a kubeconfig that may read");
  }
}
