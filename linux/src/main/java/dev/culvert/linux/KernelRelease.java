// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of a kernel; what a distribution appends to it does not count.
 *
 * @param major not negative
 * @param minor not negative
 * @param patch not negative, 0 when not told
 */
public record KernelRelease(int major, int minor, int patch) implements Comparable<KernelRelease> {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?.*");
  private static final Comparator<KernelRelease> ORDER =
      Comparator.comparingInt(KernelRelease::major)
          .thenComparingInt(KernelRelease::minor)
          .thenComparingInt(KernelRelease::patch);

  /** The kernel that runs now; uname -r. */
  public static KernelRelease running() throws IOException {
    return parse(Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
  }

  /**
   * Reads a version as uname prints it, for example {@code 6.1.0-13-amd64}.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static KernelRelease parse(String text) {
    Matcher match = FORM.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException("not a kernel release: " + text);
    }
    String patch = match.group(3) == null ? "0" : match.group(3);
    return new KernelRelease(
        Integer.parseInt(match.group(1)),
        Integer.parseInt(match.group(2)),
        Integer.parseInt(patch));
  }

  public boolean isAtLeast(int wantedMajor, int wantedMinor) {
    return compareTo(new KernelRelease(wantedMajor, wantedMinor, 0)) >= 0;
  }

  @Override
  public int compareTo(KernelRelease other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
