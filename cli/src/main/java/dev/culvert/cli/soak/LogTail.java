// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The lines that were added to a file since it was last looked at. */
final class LogTail {
  private static final int MOST = 4 << 20;

  private final Path file;
  private long at;

  LogTail(Path file) {
    this.file = file;
  }

  /** Only what is added from now on. */
  static LogTail fromNow(Path file) throws IOException {
    LogTail tail = new LogTail(file);
    tail.at = Files.size(file);
    return tail;
  }

  List<String> next() throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[(int) Math.min(MOST, in.length() - at)];
      in.seek(at);
      in.readFully(bytes);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      int whole = text.lastIndexOf('\n') + 1;
      at += whole;
      return text.substring(0, whole).lines().toList();
    }
  }
}
