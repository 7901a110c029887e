// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import dev.culvert.cli.answer.Causes;
import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.install.ClusterOptions;
import dev.culvert.cli.install.InstalledParts;
import dev.culvert.cli.status.Table;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.VersionInfo;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Prints the version, the JVM and the kernel, and what runs in the cluster of KUBECONFIG when there
 * is one: what a bug report needs.
 */
@Command(
    name = "version",
    description = "Print the versions of Culvert, the JVM and the kernel, and of the cluster.",
    footer = "Exit code: 0, or 1 when the cluster does not answer.")
final class VersionCommand implements Callable<Integer> {
  @Mixin private ClusterOptions where;

  @Option(names = "--client", description = "Of this command only; no cluster is asked.")
  private boolean client;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    String version =
        Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
            .orElse("dev");
    out.printf(
        "culvert %s%nJVM     %s%nkernel  %s %s %s%n",
        version,
        Runtime.version(),
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("os.arch"));
    return client || !where.isGiven() || cluster(out) ? ExitCode.OK : ExitCode.FAILURE;
  }

  private boolean cluster(PrintWriter out) {
    KubernetesClient server = where.connect();
    try (server) {
      VersionInfo kubernetes = server.getKubernetesVersion();
      if (kubernetes == null) {
        out.printf("cluster %s has no /version: is it an API server?%n", server.getMasterUrl());
        return false;
      }
      out.printf("cluster %s, Kubernetes %s%n", server.getMasterUrl(), kubernetes.getGitVersion());
      print(new InstalledParts(server, where.namespace()).all(), out);
      return true;
    } catch (KubernetesClientException e) {
      out.printf("cluster %s: %s%n", server.getMasterUrl(), Causes.of(e));
      return false;
    }
  }

  private void print(List<InstalledParts.Part> parts, PrintWriter out) {
    if (parts.isEmpty()) {
      out.printf("  Culvert is not installed in %s%n", where.namespace());
      return;
    }
    Table table = new Table("PART", "VERSION", "READY", "IMAGE");
    for (InstalledParts.Part part : parts) {
      table.row(part.name(), part.version(), part.ready() + "/" + part.wanted(), part.image());
    }
    table.print(out);
    if (parts.stream().map(InstalledParts.Part::version).distinct().count() > 1) {
      out.println("  its parts are of different versions: an upgrade runs, or stopped half way");
    }
  }
}
