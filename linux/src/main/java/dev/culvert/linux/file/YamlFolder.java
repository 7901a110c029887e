// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The regular files *.yaml and *.yml directly in a folder; hidden ones are an editor's own. */
record YamlFolder(Path path) {
  Map<String, String> read() throws IOException {
    Map<String, String> content = new TreeMap<>();
    for (Path file : list()) {
      try {
        // Bytes that are no UTF-8 become U+FFFD, for the reader of the YAML to report.
        content.put(
            file.getFileName().toString(),
            new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
      } catch (NoSuchFileException removedMeanwhile) {
        // As if it had not been listed.
      }
    }
    return content;
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(YamlFolder::isYaml).filter(Files::isRegularFile).toList();
    }
  }

  private static boolean isYaml(Path file) {
    String name = file.getFileName().toString();
    return !name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".yml"));
  }
}
