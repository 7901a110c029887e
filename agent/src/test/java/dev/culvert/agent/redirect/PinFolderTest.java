// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.file.Mounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PinFolderTest {
  @TempDir private Path parent;

  @AfterEach
  void unmount() throws IOException {
    while (Mounts.isBpffs(root())) {
      Mounts.unmount(root());
    }
  }

  private Path root() {
    return parent.resolve("pins");
  }

  @Test
  void agentsThatStartAtOnceMountOnce() throws Exception {
    CompletableFuture.allOf(
            Stream.generate(() -> CompletableFuture.runAsync(this::ready))
                .limit(4)
                .toArray(CompletableFuture[]::new))
        .join();
    assertThat(Files.readAllLines(Path.of("/proc/self/mounts")))
        .filteredOn(line -> line.contains(root().toString()))
        .hasSize(1);
  }

  private void ready() {
    try {
      PinFolder.ready(root());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void folderInsideMountedBpffsIsOnlyMade() throws Exception {
    Mounts.mountBpffs(root());
    PinFolder folder = PinFolder.ready(root().resolve("node"));
    assertThat(folder.maps()).isDirectory();
    folder.remove();
    assertThat(root().resolve("node")).doesNotExist();
    assertThat(Mounts.isBpffs(root())).isTrue();
  }
}
