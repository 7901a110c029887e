// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A configuration of one plugin, beside which no other can stand: a list takes its place, and the
 * file is kept under a name that no runtime reads until the plugin is taken out again.
 */
final class SinglePlugin {
  private static final String KEPT = ".culvert-kept";
  private static final String LIST = ".conflist";

  private SinglePlugin() {}

  /**
   * Makes a list of it with our plugin in. While both are there, the runtime takes the old file.
   */
  static void makeList(Path single, Path socket) throws IOException {
    refuseForeign(single);
    String list = Conflist.of(Files.readString(single), single);
    Path draft = single.resolveSibling("." + single.getFileName() + ".culvert-draft");
    Files.writeString(draft, Conflist.with(list, single, socket));
    Files.setPosixFilePermissions(draft, Files.getPosixFilePermissions(single));
    Files.move(draft, listOf(single), ATOMIC_MOVE);
    Files.move(single, kept(single), ATOMIC_MOVE);
  }

  /**
   * A list of that name which somebody else made is not ours to write over, nor to remove later.
   */
  private static void refuseForeign(Path single) throws IOException {
    Path list = listOf(single);
    if (Files.exists(list) && !Files.readString(list).contains(Conflist.TYPE)) {
      throw new IOException(
          "%s: %s stands beside it; remove one of them".formatted(single, list.getFileName()));
    }
  }

  /**
   * Puts back what was kept, unless its owner wrote it anew, and removes the list that was made.
   */
  static void restore(Path folder) throws IOException {
    for (Path kept : keptIn(folder)) {
      String name = kept.getFileName().toString();
      Path single = kept.resolveSibling(name.substring(0, name.length() - KEPT.length()));
      if (Files.exists(single)) {
        Files.delete(kept);
      } else {
        Files.move(kept, single, ATOMIC_MOVE);
      }
      Files.deleteIfExists(listOf(single));
    }
  }

  private static List<Path> keptIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(each -> each.toString().endsWith(KEPT)).toList();
    }
  }

  private static Path listOf(Path single) {
    String name = single.getFileName().toString();
    return single.resolveSibling(name.substring(0, name.lastIndexOf('.')) + LIST);
  }

  private static Path kept(Path single) {
    return single.resolveSibling(single.getFileName() + KEPT);
  }
}
