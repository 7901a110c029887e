// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.text;

import static java.util.Comparator.comparingInt;

import java.util.Collection;
import java.util.Optional;

/** Finds the word that was probably meant. */
public final class Spelling {
  private static final int LONGEST = 64;

  private Spelling() {}

  /**
   * The known word nearest to what was written, or empty when none is near: more than a third of it
   * is different.
   */
  public static Optional<String> nearest(String written, Collection<String> known) {
    if (written.length() > LONGEST) {
      return Optional.empty();
    }
    int limit = Math.max(2, written.length() / 3);
    return known.stream()
        .filter(word -> distance(written, word) <= limit)
        .min(comparingInt(word -> distance(written, word)));
  }

  /** Levenshtein's: how many letters to change, add or drop, whatever their case. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (same(a.charAt(i - 1), b.charAt(j - 1)) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  private static boolean same(char a, char b) {
    return Character.toLowerCase(a) == Character.toLowerCase(b);
  }
}
