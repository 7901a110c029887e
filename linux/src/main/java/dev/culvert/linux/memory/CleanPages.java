// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.memory;

import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;

/**
 * Pages of files that this process mapped and never wrote to: libraries, and the archive of its
 * classes. A start touches nearly all of them, its rest a small part.
 */
public final class CleanPages {
  private CleanPages() {}

  /**
   * Takes them out of this process. They stay in the page cache, so what is needed again is back
   * for the price of a minor fault; a mapping with a page of its own in it is left alone.
   *
   * @return how many bytes of them were resident
   * @throws IOException when /proc/self/smaps cannot be read
   * @throws ErrnoException when the kernel refuses one, as it does for locked memory
   */
  public static long giveBack() throws IOException {
    long given = 0;
    for (Mapping mapping : Mapping.all()) {
      if (mapping.isClean() && mapping.resident() > 0) {
        MemoryCalls.drop(mapping.start(), mapping.length());
        given += mapping.resident();
      }
    }
    return given;
  }
}
