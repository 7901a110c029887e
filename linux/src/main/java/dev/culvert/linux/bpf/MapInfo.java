// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;

/**
 * What the kernel tells of a map; struct bpf_map_info.
 *
 * @param id unique until the next boot
 * @param name cut to 15 characters
 */
public record MapInfo(
    int id, int type, int keySize, int valueSize, int maxEntries, int flags, String name) {
  private static final int SIZE = 40;

  static MapInfo of(Fd fd) throws IOException {
    ByteView info = read(fd);
    return new MapInfo(
        info.s32(4),
        info.s32(0),
        info.u31(8),
        info.u31(12),
        info.u31(16),
        info.s32(20),
        info.text(24));
  }

  private static ByteView read(Fd fd) throws ErrnoException {
    return LibbpfCalls.info(fd, SIZE);
  }

  MapSpec asSpec() {
    return new MapSpec(name, type, keySize, valueSize, maxEntries, flags);
  }
}
