// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One mapping of this process, as /proc/self/smaps tells it; see proc_pid_smaps(5).
 *
 * @param end the first address after it
 * @param permissions as {@code r-xp}
 * @param file whether it maps a file
 * @param resident bytes of it in memory
 * @param anonymous bytes of it that are no longer the file's, but this process' own
 */
record Mapping(
    long start, long end, String permissions, boolean file, long resident, long anonymous) {
  private static final Path TABLE = Path.of("/proc/self/smaps");
  private static final Pattern HEAD =
      Pattern.compile("([0-9a-f]+)-([0-9a-f]+) (\\S{4}) \\S+ \\S+ (\\d+).*");
  private static final Pattern KILOBYTES = Pattern.compile("(Rss|Anonymous): +(\\d+) kB");

  static List<Mapping> all() throws IOException {
    return parse(Files.readAllLines(TABLE));
  }

  static List<Mapping> parse(List<String> lines) {
    List<Mapping> mappings = new ArrayList<>();
    for (String line : lines) {
      Matcher head = HEAD.matcher(line);
      Matcher size = KILOBYTES.matcher(line);
      if (head.matches()) {
        mappings.add(empty(head));
      } else if (size.matches() && !mappings.isEmpty()) {
        long bytes = Long.parseLong(size.group(2)) << 10;
        mappings.add(mappings.removeLast().with(size.group(1), bytes));
      }
    }
    return mappings;
  }

  /** Whether all that it shows is the file's, so that dropping its pages loses nothing. */
  boolean isClean() {
    return file && permissions.charAt(1) == '-' && anonymous == 0;
  }

  long length() {
    return end - start;
  }

  private static Mapping empty(Matcher head) {
    return new Mapping(
        Long.parseUnsignedLong(head.group(1), 16),
        Long.parseUnsignedLong(head.group(2), 16),
        head.group(3),
        !head.group(4).equals("0"),
        0,
        0);
  }

  private Mapping with(String figure, long bytes) {
    return figure.equals("Rss")
        ? new Mapping(start, end, permissions, file, bytes, anonymous)
        : new Mapping(start, end, permissions, file, resident, bytes);
  }
}
