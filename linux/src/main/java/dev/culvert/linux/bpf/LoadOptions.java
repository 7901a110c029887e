// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import java.nio.file.Path;
import java.util.Optional;

/** How an object is loaded. */
public final class LoadOptions {
  private static final LoadOptions PRIVATE = new LoadOptions(Optional.empty());

  private final Optional<Path> pinDirectory;

  private LoadOptions(Optional<Path> pinDirectory) {
    this.pinDirectory = pinDirectory;
  }

  /** Maps that live as long as the process, or as what is attached and uses them. */
  public static LoadOptions privateMaps() {
    return PRIVATE;
  }

  /**
   * Every map is taken from {@code directory/NAME} when it is pinned there, else pinned there.
   *
   * @param directory on a mounted bpffs; made when missing
   */
  public static LoadOptions pinnedMaps(Path directory) {
    return new LoadOptions(Optional.of(directory));
  }

  Optional<Path> pinDirectory() {
    return pinDirectory;
  }
}
