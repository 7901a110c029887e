// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.answer.UsageException;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;

/** What install and upgrade have in common: they differ in what they expect to find. */
final class Change {
  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  @Mixin private ClusterOptions where;
  @Mixin private ValueOptions values;
  @Mixin private RunOptions how;

  /** Looks at what is there; refuses by throwing. */
  @FunctionalInterface
  interface Expectation {
    void check(Optional<Cluster.Installed> installed);
  }

  int run(Expectation expectation, PrintWriter out) throws IOException {
    Duration patience = how.patience(); // before anything is changed
    try (BundledChart chart = BundledChart.unpack()) {
      if (how.isDryRun()) {
        out.print(chart.render(where.namespace(), own(false), values));
        out.flush();
        return ExitCode.OK;
      }
      try (KubernetesClient client = where.connectAndAsk()) {
        return run(chart, client, expectation, patience, new Progress(out));
      }
    }
  }

  private int run(
      BundledChart chart,
      KubernetesClient client,
      Expectation expectation,
      Duration patience,
      Progress progress)
      throws IOException {
    Cluster cluster = new Cluster(client, where.namespace());
    Optional<Cluster.Installed> installed = cluster.installed();
    installed.ifPresent(Change::refuseForeign);
    expectation.check(installed);
    cluster.requireLivingNamespace();
    Map<String, String> own = own(client.hasApiGroup(GATEWAY_API, true));
    Parts parts = Parts.of(client, chart.render(where.namespace(), own, values));
    Installation installation = new Installation(cluster, progress);
    progress.say("%s, namespace %s".formatted(client.getMasterUrl(), where.namespace()));
    installation.apply(parts);
    if (how.waits()) {
      installation.await(parts, patience);
      progress.say("Culvert runs. Take a namespace into the mesh:");
      progress.say("  kubectl label namespace NAME culvert.dev/dataplane-mode=ambient");
    }
    return ExitCode.OK;
  }

  /** What the chart cannot know by itself; a user's own value wins. */
  private static Map<String, String> own(boolean gatewayApi) {
    Map<String, String> own = new LinkedHashMap<>();
    own.put("namespace.create", "true");
    own.put("gatewayClasses.install", Boolean.toString(gatewayApi));
    return own;
  }

  private static void refuseForeign(Cluster.Installed installed) {
    if (!installed.manager().equals(BundledChart.MANAGER)) {
      throw new UsageException(
          "Culvert %s is installed already and managed by %s: change it with that"
              .formatted(installed.version(), installed.manager()));
    }
  }
}
