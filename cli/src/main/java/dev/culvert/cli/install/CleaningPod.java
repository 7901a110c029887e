// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The pod that cleans a node: with the agent's image and capabilities, the folders that the agent
 * has of the node, and those that its preparation wrote to. It asks no API server.
 */
final class CleaningPod {
  /** Of all processes; the folders of ours below it cannot be removed by who has them mounted. */
  private static final String RUN = "/host/run";

  private static final String RUN_VOLUME = "host-run";
  private static final List<String> OURS_BELOW_RUN = List.of("run", "zds");
  private static final String PIN_DIR = "CULVERT_PIN_DIR";

  private final PodSpec agent;
  private final Container container;
  private final Map<String, VolumeMount> mounts = new LinkedHashMap<>();

  CleaningPod(PodSpec agent) {
    this.agent = agent;
    this.container = agent.getContainers().getFirst();
    container.getVolumeMounts().forEach(mount -> mounts.put(mount.getName(), mount));
    agent.getInitContainers().stream()
        .flatMap(preparation -> preparation.getVolumeMounts().stream())
        .forEach(mount -> mounts.putIfAbsent(mount.getName(), mount));
    OURS_BELOW_RUN.forEach(mounts::remove);
    mounts.put(
        RUN_VOLUME, new VolumeMountBuilder().withName(RUN_VOLUME).withMountPath(RUN).build());
  }

  PodSpec spec() {
    return agent
        .edit()
        .withServiceAccountName(null)
        .withServiceAccount(null)
        .withAutomountServiceAccountToken(false)
        .withVolumes(volumes())
        .withInitContainers(clean())
        .withContainers(rest())
        .build();
  }

  private List<Volume> volumes() {
    List<Volume> volumes = new ArrayList<>();
    agent.getVolumes().stream()
        .filter(volume -> mounts.containsKey(volume.getName()))
        .forEach(volumes::add);
    volumes.add(
        new VolumeBuilder()
            .withName(RUN_VOLUME)
            .withNewHostPath()
            .withPath("/run")
            .withType("Directory")
            .endHostPath()
            .build());
    return volumes;
  }

  private Container clean() {
    return running("clean", arguments()).withVolumeMounts(List.copyOf(mounts.values())).build();
  }

  private List<String> arguments() {
    List<String> arguments = new ArrayList<>(List.of("node", "clean"));
    arguments.add("--run-dir=%s/culvert".formatted(RUN));
    arguments.add("--zds-socket=%s/ztunnel/ztunnel.sock".formatted(RUN));
    mounted("cni-bin").ifPresent(path -> arguments.add("--cni-bin-dir=" + path));
    mounted("cni-conf").ifPresent(path -> arguments.add("--cni-conf-dir=" + path));
    mounted("seccomp").ifPresent(path -> arguments.add("--seccomp=" + path));
    container.getEnv().stream()
        .filter(variable -> variable.getName().equals(PIN_DIR))
        .map(EnvVar::getValue)
        .forEach(path -> arguments.add("--pin-dir=" + path));
    return arguments;
  }

  private Optional<String> mounted(String volume) {
    return Optional.ofNullable(mounts.get(volume)).map(VolumeMount::getMountPath);
  }

  /** That it runs says that the node is clean; the agent's profile of seccomp is gone by then. */
  private Container rest() {
    List<VolumeMount> own =
        container.getVolumeMounts().stream().filter(m -> m.getName().equals("tmp")).toList();
    return running("cleaned", List.of("node", "rest"))
        .withVolumeMounts(own)
        .withSecurityContext(
            new SecurityContextBuilder()
                .withReadOnlyRootFilesystem(true)
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .build())
        .build();
  }

  private ContainerBuilder running(String name, List<String> arguments) {
    return new ContainerBuilder(container)
        .withName(name)
        .withArgs(arguments)
        .withReadinessProbe(null)
        .withLivenessProbe(null)
        .withStartupProbe(null)
        .withPorts(List.of());
  }
}
