// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Texts, of which one may begin or end with {@code *}: exact ones are found by hash. */
final class TextPatterns {
  private static final String ANY = "*";

  private final Set<String> exact = new HashSet<>();
  private final String[] prefixes;
  private final String[] suffixes;
  private final boolean presence;

  TextPatterns(List<String> patterns) {
    presence = patterns.contains(ANY);
    prefixes =
        those(patterns, one -> one.endsWith(ANY)).map(one -> cut(one, 0, 1)).toArray(String[]::new);
    suffixes =
        those(patterns, one -> one.startsWith(ANY))
            .map(one -> cut(one, 1, 0))
            .toArray(String[]::new);
    patterns.stream().filter(one -> !one.startsWith(ANY) && !one.endsWith(ANY)).forEach(exact::add);
  }

  private static Stream<String> those(List<String> patterns, Predicate<String> wanted) {
    return patterns.stream().filter(one -> !one.equals(ANY)).filter(wanted);
  }

  private static String cut(String text, int front, int back) {
    return text.substring(front, text.length() - back);
  }

  /** Whether it is one of them; an empty text is what is not there, and none of them. */
  boolean matches(String text) {
    if (text.isEmpty()) {
      return false;
    }
    return presence || exact.contains(text) || begins(text) || ends(text);
  }

  private boolean begins(String text) {
    for (String prefix : prefixes) {
      if (text.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  private boolean ends(String text) {
    for (String suffix : suffixes) {
      if (text.endsWith(suffix)) {
        return true;
      }
    }
    return false;
  }
}
