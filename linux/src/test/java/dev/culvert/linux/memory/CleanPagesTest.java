// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CleanPagesTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path folder;

  @Test
  void readPagesOfFileAreGivenBackAndReadAgain() throws IOException {
    Path file = Files.write(folder.resolve("read"), filled((byte) 7));
    try (Arena arena = Arena.ofShared();
        FileChannel channel = FileChannel.open(file)) {
      MemorySegment mapped = channel.map(MapMode.READ_ONLY, 0, SIZE, arena);
      assertThat(sum(mapped)).isEqualTo(7L * SIZE);
      assertThat(at(mapped).resident()).isEqualTo(SIZE);

      assertThat(CleanPages.giveBack()).isGreaterThanOrEqualTo(SIZE);

      assertThat(at(mapped).resident()).isZero();
      assertThat(sum(mapped)).isEqualTo(7L * SIZE);
    }
  }

  @Test
  void writtenPagesStay() throws IOException {
    Path file = Files.write(folder.resolve("written"), filled((byte) 7));
    try (Arena arena = Arena.ofShared();
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment mapped = channel.map(MapMode.PRIVATE, 0, SIZE, arena);
      mapped.fill((byte) 9);

      CleanPages.giveBack();

      assertThat(sum(mapped)).isEqualTo(9L * SIZE);
    }
  }

  @Test
  void libraryWhoseTablesTheLoaderWroteIsNotClean() {
    List<Mapping> mappings =
        Mapping.parse(
            List.of(
                "7f00-7f10 r--p 00000000 08:01 77   /lib/libjvm.so",
                "Rss:                  64 kB",
                "Anonymous:             4 kB",
                "7f10-7f20 r-xp 00000000 08:01 77   /lib/libjvm.so",
                "Rss:                  64 kB",
                "Anonymous:             0 kB",
                "7f20-7f30 r--p 00000000 00:00 0    [vvar]",
                "Rss:                   4 kB"));
    assertThat(mappings).extracting(Mapping::isClean).containsExactly(false, true, false);
    assertThat(mappings).extracting(Mapping::resident).containsExactly(65536L, 65536L, 4096L);
    assertThat(mappings.getFirst().length()).isEqualTo(16);
  }

  private static Mapping at(MemorySegment mapped) throws IOException {
    return Mapping.all().stream()
        .filter(m -> m.start() <= mapped.address() && mapped.address() < m.end())
        .findFirst()
        .orElseThrow();
  }

  private static long sum(MemorySegment mapped) {
    long sum = 0;
    for (long at = 0; at < mapped.byteSize(); at++) {
      sum += mapped.get(ValueLayout.JAVA_BYTE, at);
    }
    return sum;
  }

  private static byte[] filled(byte value) {
    byte[] bytes = new byte[SIZE];
    Arrays.fill(bytes, value);
    return bytes;
  }
}
