// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.answer.UsageException;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code culvert uninstall}: pods first get their own network back, since without a proxy they
 * would have none; then every node is cleaned, and only then what has been applied is removed.
 */
@Command(
    name = "uninstall",
    description = "Remove Culvert from a cluster, without a trace on its nodes.",
    footer = {
      "Connections of the mesh's pods that are open are cut; new ones go directly, without mutual TLS and policy.",
      "Exit code: 0 it is gone, 1 something is left, 2 used wrongly."
    })
public final class UninstallCommand implements Callable<Integer> {
  @Mixin private ClusterOptions where;

  @Option(
      names = "--opt-out",
      description =
          "Take the labels of namespaces that are in the mesh away; else they must be gone.")
  private boolean optOut;

  @Option(
      names = "--purge",
      description =
          "Remove the mesh's root, the kinds of policy.culvert.dev and every policy of them too.")
  private boolean purge;

  @Option(
      names = "--clean-nodes",
      description =
          "Clean nodes also when there is no agent any more; --set image.repository and image.tag.")
  private boolean cleanNodes;

  @Mixin private ValueOptions values;

  @Option(
      names = "--timeout",
      paramLabel = "10m",
      defaultValue = "10m",
      description = "How long cleaning the nodes may take. Default: 10m")
  private String timeout;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Duration patience = RunOptions.duration("timeout", timeout); // before anything is changed
    try (KubernetesClient client = where.connectAndAsk()) {
      Cluster cluster = new Cluster(client, where.namespace());
      Progress progress = new Progress(spec.commandLine().getOut());
      optOut(new EnrolledNamespaces(client), progress);
      clean(cluster, progress, patience);
      return remove(cluster, progress);
    }
  }

  private void optOut(EnrolledNamespaces enrolled, Progress progress) {
    List<String> names = enrolled.names();
    if (!names.isEmpty() && !optOut) {
      throw new UsageException(
          "these namespaces are in the mesh: %s. Take their labels away, or give --opt-out"
              .formatted(String.join(", ", names)));
    }
    for (String name : names) {
      enrolled.optOut(name);
      progress.say("  Namespace %s is in the mesh no more".formatted(name));
    }
  }

  private void clean(Cluster cluster, Progress progress, Duration patience) throws IOException {
    NodeCleaning cleaning = new NodeCleaning(cluster, progress);
    if (!cleanNodes) {
      cleaning.run(patience);
      return;
    }
    try (BundledChart chart = BundledChart.unpack()) {
      String rendered = chart.render(where.namespace(), Map.of(), values);
      cleaning.run(Parts.of(cluster.client(), rendered), patience);
    }
  }

  private int remove(Cluster cluster, Progress progress) {
    for (HasMetadata object : cluster.leftovers(new Parts(List.of()))) {
      cluster.delete(object);
      progress.say("  removed " + Parts.name(object));
    }
    if (purge) {
      cluster.purge().forEach(name -> progress.say("  removed " + name));
    }
    Optional<Cluster.Installed> left = cluster.installed();
    left.ifPresent(
        installed ->
            progress.say(
                "the nodes are clean; the rest is managed by %s: remove it with that"
                    .formatted(installed.manager())));
    progress.say(left.isEmpty() ? "Culvert is gone." : "");
    return left.isEmpty() ? ExitCode.OK : ExitCode.FAILURE;
  }
}
