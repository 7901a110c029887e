// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A list of our own that runtimes take before that of the node's CNI: the plugins of that one, and
 * ours. A CNI that writes its list anew, as most do when a node boots, does not take the plugin
 * out, whether an agent runs by then or not.
 */
final class OwnList {
  /** Runtimes take the first by name. */
  static final String NAME = "00-culvert.conflist";

  private static final String DRAFT = "." + NAME + ".culvert-draft";

  private OwnList() {}

  /**
   * Makes it of the list, or of the single plugin, of another.
   *
   * @return whether anything was to be done
   * @throws IOException also when that one comes before ours
   */
  static boolean follow(Path other, Path socket) throws IOException {
    Path own = other.resolveSibling(NAME);
    if (other.compareTo(own) < 0) {
      throw new IOException(
          "%s comes before %s, and runtimes take the first; give it another name, or set cni-own-list=false"
              .formatted(other, NAME));
    }
    String text = Files.readString(other);
    String list = other.toString().endsWith(".conflist") ? text : Conflist.of(text, other);
    String wanted = Conflist.with(list, other, socket);
    if (Files.exists(own) && Files.readString(own).equals(wanted)) {
      return false;
    }
    Path draft = Files.writeString(other.resolveSibling(DRAFT), wanted);
    Files.setPosixFilePermissions(draft, Files.getPosixFilePermissions(other));
    Files.move(draft, own, ATOMIC_MOVE);
    return true;
  }

  /** Removes it; runtimes take the list of the node's CNI again. */
  static boolean remove(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(DRAFT));
    return Files.deleteIfExists(folder.resolve(NAME));
  }
}
