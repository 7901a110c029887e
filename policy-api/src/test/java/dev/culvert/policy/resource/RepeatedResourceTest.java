// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** One resource in two places. */
final class RepeatedResourceTest extends FolderCase {
  @Test
  void resourceInTwoFilesIsAnErrorThatNamesBoth() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", namespaces("shop"), "b.yaml", namespaces("bank", "shop")));

    assertThat(names(files)).containsExactly("shop");
    assertThat(files.errors())
        .extracting(ResourceError::toString)
        .containsExactly(
            "b.yaml: document 2, line 5: Namespace shop is defined in a.yaml already, on line 1;"
                + " keep it in one of the files");
  }

  @Test
  void fileThatHadAResourceFirstKeepsIt() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("b.yaml", namespaces("shop")))
            .with(Map.of("a.yaml", namespaces("shop"), "b.yaml", namespaces("shop", "bank")));

    assertThat(names(files)).containsExactly("shop", "bank");
    assertThat(files.errors()).extracting(ResourceError::file).containsExactly("a.yaml");
  }

  @Test
  void resourceMovesToAnotherFile() {
    ResourceFiles copied =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", namespaces("shop")))
            .with(Map.of("a.yaml", namespaces("shop"), "b.yaml", namespaces("shop")));
    ResourceFiles moved = copied.with(Map.of("b.yaml", namespaces("shop")));

    assertThat(copied.errors()).extracting(ResourceError::file).containsExactly("b.yaml");
    assertThat(names(moved)).containsExactly("shop");
    assertThat(moved.errors()).isEmpty();
  }

  @Test
  void refusedFileFallsBackWithoutTakingFromOthers() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", namespaces("one"), "b.yaml", namespaces("two")))
            .with(Map.of("a.yaml", namespaces("two"), "b.yaml", namespaces("one", "two")));

    assertThat(names(files)).containsExactlyInAnyOrder("one", "two");
    assertThat(files.errors()).hasSize(2);
  }

  @Test
  void resourceTwiceInOneFile() {
    assertThat(Yaml.error(namespaces("shop", "shop")))
        .isEqualTo(
            "mesh.yaml: document 2, line 5: Namespace shop is defined twice, first on line 1;"
                + " keep one of them");
  }
}
