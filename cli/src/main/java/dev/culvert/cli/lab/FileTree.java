// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A folder and all below it, deepest first; one that is not there is empty. */
final class FileTree {
  private FileTree() {}

  static List<Path> folders(Path root) throws IOException {
    return list(root, Files::isDirectory);
  }

  static void delete(Path root) throws IOException {
    for (Path path : list(root, any -> true)) {
      Files.deleteIfExists(path);
    }
  }

  private static List<Path> list(Path root, Predicate<Path> wanted) throws IOException {
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.filter(wanted).sorted(Comparator.reverseOrder()).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
