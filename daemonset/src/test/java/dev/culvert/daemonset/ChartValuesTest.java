// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Values that cannot be meant. */
final class ChartValuesTest extends ChartCase {
  @Test
  void misspeltValueIsRefusedByName() throws IOException {
    Path misspelt = Files.writeString(folder.resolve("values.yaml"), "ztunnel: {drainDeadlin: 5m}");
    assertThatThrownBy(() -> Chart.render(misspelt)).hasMessageContaining("drainDeadlin");
  }

  @Test
  void valueOfTheWrongFormIsRefusedByName() throws IOException {
    Path wrong = Files.writeString(folder.resolve("values.yaml"), "mesh: {certificateTtl: soon}");
    assertThatThrownBy(() -> Chart.render(wrong)).hasMessageContaining("certificateTtl");
  }

  @Test
  void signerWithoutItsRootsIsRefused() throws IOException {
    Path rootless =
        Files.writeString(folder.resolve("values.yaml"), "controlplane: {signer: a.example/mesh}");
    assertThatThrownBy(() -> Chart.render(rootless)).hasMessageContaining("root-cert.pem");
  }

  @Test
  void deadlineThatKubernetesDoesNotWaitForIsRefused() throws IOException {
    Map<String, Integer> seconds = Map.of("10m", 600, "330s", 330, "1h", 3600, "1d", 86_400);
    for (Map.Entry<String, Integer> each : seconds.entrySet()) {
      Path late = ztunnel(each.getKey(), each.getValue());
      assertThatThrownBy(() -> Chart.render(late))
          .hasMessageContaining(
              "ztunnel.terminationGracePeriodSeconds is %d and must be more than ztunnel.drainDeadline, %s"
                  .formatted(each.getValue(), each.getKey()));
      assertValid(Chart.objects(Chart.render(ztunnel(each.getKey(), each.getValue() + 1))));
    }
    assertValid(Chart.objects(Chart.render(ztunnel("999ms", 1))));
  }

  private Path ztunnel(String deadline, int grace) throws IOException {
    return Files.writeString(
        folder.resolve("ztunnel.yaml"),
        "ztunnel: {drainDeadline: %s, terminationGracePeriodSeconds: %d}"
            .formatted(deadline, grace));
  }
}
