// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Cleans every node that has an agent: a DaemonSet like the agent's, which runs {@code culvert node
 * clean} as the start of its pods, and is complete when all of them have started.
 */
final class NodeCleaning {
  private static final String AGENT = "culvert-agent";
  private static final String ZTUNNEL = "ztunnel";
  private static final String CLEANER = "culvert-node-clean";

  private final Cluster cluster;
  private final Progress progress;

  NodeCleaning(Cluster cluster, Progress progress) {
    this.cluster = cluster;
    this.progress = progress;
  }

  /**
   * Ends agents and ztunnels, cleans, and waits. Does nothing without an agent.
   *
   * @throws IOException when a node could not be cleaned in time
   */
  void run(Duration patience) throws IOException {
    DaemonSet agent = daemonSet(AGENT);
    if (agent == null) {
      progress.say(
          "  there is no DaemonSet %s: nodes are not cleaned without --clean-nodes"
              .formatted(AGENT));
      return;
    }
    run(agent, patience);
  }

  /** The same as the agent of these parts would, whether it is there or not. */
  void run(Parts parts, Duration patience) throws IOException {
    DaemonSet agent =
        parts.objects().stream()
            .filter(DaemonSet.class::isInstance)
            .map(DaemonSet.class::cast)
            .filter(set -> set.getMetadata().getName().equals(AGENT))
            .findFirst()
            .orElseThrow();
    run(agent, patience);
  }

  private void run(DaemonSet agent, Duration patience) throws IOException {
    DaemonSet cleaner = cleaner(agent);
    remove(AGENT);
    remove(ZTUNNEL);
    cluster.apply(cleaner);
    progress.say("  cleaning nodes");
    new Rollout(cluster.client(), progress).await(new Parts(List.of(cleaner)), patience);
    remove(CLEANER);
  }

  private void remove(String name) {
    DaemonSet there = daemonSet(name);
    if (there != null) {
      cluster.delete(there);
      progress.say("  removed DaemonSet " + name);
    }
  }

  private DaemonSet daemonSet(String name) {
    return cluster
        .client()
        .apps()
        .daemonSets()
        .inNamespace(cluster.namespace())
        .withName(name)
        .get();
  }

  /** With the agent's image, capabilities and folders of the node; it asks no API server. */
  static DaemonSet cleaner(DaemonSet agent) {
    Map<String, String> labels = Map.of("app", CLEANER, Cluster.PART_OF, "culvert");
    return new DaemonSetBuilder()
        .withNewMetadata()
        .withName(CLEANER)
        .withNamespace(agent.getMetadata().getNamespace())
        .addToLabels(labels)
        .addToLabels(Cluster.MANAGED_BY, BundledChart.MANAGER)
        .endMetadata()
        .withNewSpec()
        .withNewSelector()
        .addToMatchLabels(labels)
        .endSelector()
        .withTemplate(template(agent.getSpec().getTemplate(), labels))
        .endSpec()
        .build();
  }

  private static PodTemplateSpec template(PodTemplateSpec agent, Map<String, String> labels) {
    PodTemplateSpec template = new PodTemplateSpec();
    template.setMetadata(
        agent.edit().editOrNewMetadata().withLabels(labels).endMetadata().build().getMetadata());
    template.setSpec(new CleaningPod(agent.getSpec()).spec());
    return template;
  }
}
