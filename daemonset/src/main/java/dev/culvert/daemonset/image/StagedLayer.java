// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset.image;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A layer of everything below a folder, owned by root, with the permissions that it has there. */
final class StagedLayer {
  private StagedLayer() {}

  static FileEntriesLayer of(String name, Path folder, String target) throws IOException {
    AbsoluteUnixPath root = AbsoluteUnixPath.get(target);
    FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
    for (Path path : below(folder)) {
      layer.addEntry(path, root.resolve(folder.relativize(path)), permissions(path));
    }
    return layer.build();
  }

  private static List<Path> below(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.filter(path -> !path.equals(folder)).sorted().toList();
    }
  }

  private static FilePermissions permissions(Path path) throws IOException {
    return FilePermissions.fromPosixFilePermissions(Files.getPosixFilePermissions(path));
  }

  /** Deletes a folder and all that is in it. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      paths.sorted(Comparator.reverseOrder()).forEach(StagedLayer::deleteOne);
    }
  }

  private static void deleteOne(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
