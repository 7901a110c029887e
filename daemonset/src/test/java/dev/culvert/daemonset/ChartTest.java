// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The chart as a whole, and what it gives without any value of a user. */
final class ChartTest extends ChartCase {
  private static final Path INSTALL = Path.of("install.yaml");

  @Test
  void defaultsAreValid() {
    assertValid(Chart.objects(Chart.render()));
  }

  @Test
  void everyValueChangedIsValid() throws IOException {
    assertThat(Values.read(CHANGED).byPath().keySet())
        .containsExactlyInAnyOrderElementsOf(Values.read(Chart.VALUES).byPath().keySet());
    assertThat(Values.read(CHANGED).sameAs(Values.read(Chart.VALUES))).isEmpty();

    assertValid(Chart.objects(Chart.render(CHANGED)));
  }

  @Test
  void everyValueHasAnEffect() throws IOException {
    Values defaults = Values.read(Chart.VALUES);
    for (String path : defaults.byPath().keySet()) {
      Values changed =
          switch (path) {
            // A digest wins over the tag, and a signer does not go without the Secret.
            case "image.tag" -> Values.read(CHANGED).with("image.digest", defaults);
            case "controlplane.caSecret" ->
                Values.read(CHANGED).with("controlplane.signer", defaults);
            // Nor a deadline without the time for it.
            case "ztunnel.terminationGracePeriodSeconds" ->
                Values.read(CHANGED).with("ztunnel.drainDeadline", defaults);
            default -> Values.read(CHANGED);
          };
      String with = Chart.render(changed.write(folder));
      String without = Chart.render(changed.with(path, defaults).write(folder));
      assertThat(without).as(path).isNotEqualTo(with);
    }
  }

  @Test
  void helmFindsNothingToSay() {
    LintResult result = new Helm(Chart.FOLDER.toAbsolutePath()).lint().strict().call();
    assertThat(result.isFailed()).as(String.join("\n", result.getMessages())).isFalse();
  }

  @Test
  void settingsOfTheProcessesAreUnderstood() {
    List<Manifest> objects = Chart.objects(Chart.render());
    assertThat(ProcessSettings.read(objects)).containsOnlyKeys("controlplane", "agent", "ztunnel");
    assertThat(ProcessSettings.read(Chart.objects(Chart.render(CHANGED))))
        .containsOnlyKeys("controlplane", "agent", "ztunnel");
  }

  @Test
  void partsOfTheMeshAreNeverInIt() {
    assertThat(Chart.objects(Chart.render()))
        .filteredOn(object -> !object.containers().isEmpty())
        .isNotEmpty()
        .allMatch(
            object ->
                object
                    .pod()
                    .orElseThrow()
                    .at("metadata", "labels")
                    .text("culvert.dev/dataplane-mode")
                    .equals("none"));
  }

  /** kubectl and Helm read YAML 1.1. */
  @Test
  void nothingIsTakenForAFlagThatIsNone() {
    for (String rendered : List.of(Chart.render(), Chart.render(CHANGED))) {
      assertThat(Chart.plainWords(rendered))
          .contains("true")
          .noneMatch(word -> word.matches("(?i:y|yes|n|no|on|off)|True|TRUE|False|FALSE"));
    }
  }

  @Test
  void installManifestIsWhatTheChartGives() throws IOException {
    Path values = Files.writeString(folder.resolve("values.yaml"), "namespace: {create: true}");
    String rendered =
        """
        # Culvert with the default values of daemonset/chart, written from it by ChartTest; do not edit.
        #   kubectl apply --server-side -f install.yaml
        """
            + Chart.render(values)
                .replace(
                    "app.kubernetes.io/managed-by: Helm", "app.kubernetes.io/managed-by: kubectl");
    if ("true".equals(System.getenv("CULVERT_WRITE_DOCS"))) {
      Files.writeString(INSTALL, rendered);
    }
    assertThat(INSTALL).content().isEqualTo(rendered);
    assertValid(Chart.objects(rendered));
  }
}
