// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.cli.answer.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterOptionsTest {
  /** As KUBECONFIG to the client's library. */
  private static final String PROPERTY = "kubeconfig";

  @TempDir private Path folder;
  private String before;

  @BeforeEach
  void remember() {
    before = System.getProperty(PROPERTY);
  }

  @AfterEach
  void restore() {
    if (before == null) {
      System.clearProperty(PROPERTY);
    } else {
      System.setProperty(PROPERTY, before);
    }
  }

  @Test
  void fileThatIsNamedAndNotThereIsNotPassedOver() {
    Path missing = folder.resolve("missing");
    System.setProperty(PROPERTY, missing.toString());
    assertThatThrownBy(() -> new ClusterOptions().isGiven())
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("unset it");
  }

  @Test
  void fileThatIsThereIsTaken() throws IOException {
    Path file = Files.writeString(folder.resolve("config"), "kind: Config");
    System.setProperty(PROPERTY, file.toString());
    assertThat(new ClusterOptions().isGiven()).isTrue();
  }
}
