// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.node.NodeCommand;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The pod that cleans a node, made of the agent's as the chart has it. */
class NodeCleaningTest {
  private static final Path INSTALL = Path.of("../daemonset/install.yaml");

  private final PodSpec pod = NodeCleaning.cleaner(agent()).getSpec().getTemplate().getSpec();
  private final Container clean = pod.getInitContainers().getFirst();

  private static DaemonSet agent() {
    try {
      return Stream.of(Files.readString(INSTALL).split("\n---\n"))
          .filter(document -> document.contains("kind: DaemonSet"))
          .map(document -> Serialization.unmarshal(document, DaemonSet.class))
          .filter(set -> set.getMetadata().getName().equals("culvert-agent"))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void everyPlaceOfTheNodeThatIsCleanedIsMounted() {
    List<String> places =
        clean.getArgs().stream()
            .filter(argument -> argument.contains("="))
            .map(argument -> argument.substring(argument.indexOf('=') + 1))
            .toList();
    assertThat(places)
        .containsExactly(
            "/host/run/culvert",
            "/host/run/ztunnel/ztunnel.sock",
            "/host/opt/cni/bin",
            "/host/etc/cni/net.d")
        .allMatch(place -> mountPaths().stream().anyMatch(place::startsWith));
    assertThat(mountPaths()).contains("/sys/fs/bpf", "/host/proc/sys/net");
    assertThat(pod.getVolumes().stream().map(Volume::getName))
        .containsExactlyInAnyOrderElementsOf(
            clean.getVolumeMounts().stream().map(VolumeMount::getName).toList());
  }

  @Test
  void commandUnderstandsItsArguments() {
    List<String> arguments = clean.getArgs().subList(1, clean.getArgs().size());
    assertThat(new CommandLine(new NodeCommand()).parseArgs(arguments.toArray(String[]::new)))
        .isNotNull();
  }

  /** What is mounted cannot be removed. */
  @Test
  void foldersThatMustGoAreNotMountedThemselves() {
    assertThat(mountPaths()).doesNotContain("/run/culvert", "/var/run/ztunnel");
    assertThat(pod.getVolumes())
        .noneMatch(
            volume ->
                volume.getHostPath() != null
                    && volume.getHostPath().getPath().endsWith("/culvert"));
  }

  @Test
  void podThatSaysThatANodeIsCleanHasNothingOfIt() {
    Container rest = pod.getContainers().getFirst();
    assertThat(rest.getVolumeMounts()).extracting(VolumeMount::getName).containsExactly("tmp");
    assertThat(rest.getSecurityContext().getCapabilities().getAdd()).isEmpty();
    assertThat(rest.getSecurityContext().getSeccompProfile()).isNull();
  }

  private List<String> mountPaths() {
    return clean.getVolumeMounts().stream().map(VolumeMount::getMountPath).toList();
  }
}
