// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileExchangeTest {
  @TempDir Path folder;

  @Test
  void filesChangeTheirNames() throws IOException {
    Path one = Files.writeString(folder.resolve("one"), "1");
    Path other = Files.writeString(folder.resolve("other"), "2");
    FileExchange.exchange(one, other);
    assertThat(one).hasContent("2");
    assertThat(other).hasContent("1");
  }

  @Test
  void fileThatIsMissingIsNamed() throws IOException {
    Path one = Files.writeString(folder.resolve("one"), "1");
    assertThatThrownBy(() -> FileExchange.exchange(one, folder.resolve("gone")))
        .isInstanceOf(ErrnoException.class)
        .hasMessageContaining("gone");
    assertThat(one).hasContent("1");
  }
}
