// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.cli.answer.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file of settings, for each daemon. */
class SettingFileFuzzTest {
  private static final List<Daemon> DAEMONS = Daemons.all();

  /** Either every value is right, or the message names the key or the line. */
  @FuzzTest
  void settings(byte[] input) throws IOException {
    Path file = Files.createTempFile("settings", ".conf");
    try {
      Files.write(file, input);
      for (Daemon daemon : DAEMONS) {
        read(daemon, file);
      }
    } finally {
      Files.delete(file);
    }
  }

  private static void read(Daemon daemon, Path path) {
    try {
      SettingFile file = SettingFile.read(path);
      var settings = new SettingSources(daemon.settings()).file(file).settings();
      daemon.settings().forEach(setting -> assertThat(settings.get(setting)).isNotNull());
      assertThat(daemon.settings()).map(s -> s.key()).containsAll(file.values().keySet());
    } catch (UsageException e) {
      assertThat(e.getMessage()).contains(": ");
    }
  }
}
