// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The workloads of an installed Culvert, whoever installed it. */
public final class InstalledParts {
  private static final String CONTROL_PLANE = "culvert-controlplane";
  private static final List<String> OF_NODES = List.of("culvert-agent", "ztunnel");

  private final KubernetesClient client;
  private final String namespace;

  public InstalledParts(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /**
   * One of them.
   *
   * @param version of Culvert, as its label says
   * @param ready pods of the newest version that are ready
   * @param wanted pods
   */
  public record Part(String name, String version, String image, int ready, int wanted) {}

  /** The control plane, the agents, the ztunnels; those of them that are there. */
  public List<Part> all() {
    Deployment plane =
        client.apps().deployments().inNamespace(namespace).withName(CONTROL_PLANE).get();
    Stream<Part> controlPlane =
        Stream.ofNullable(plane)
            .map(found -> part(found, found.getSpec().getTemplate(), Rollout.of(found)));
    Stream<Part> nodes =
        OF_NODES.stream()
            .map(this::daemonSet)
            .flatMap(Optional::stream)
            .map(found -> part(found, found.getSpec().getTemplate(), Rollout.of(found)));
    return Stream.concat(controlPlane, nodes).toList();
  }

  private Optional<DaemonSet> daemonSet(String name) {
    return Optional.ofNullable(
        client.apps().daemonSets().inNamespace(namespace).withName(name).get());
  }

  private static Part part(HasMetadata workload, PodTemplateSpec pods, Rollout.State state) {
    String image = pods.getSpec().getContainers().getFirst().getImage();
    String version =
        Optional.ofNullable(workload.getMetadata().getLabels())
            .map(labels -> labels.get(Cluster.VERSION))
            .orElse("unknown");
    return new Part(workload.getMetadata().getName(), version, image, state.done(), state.wanted());
  }
}
