// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static java.util.stream.Collectors.toSet;

import dev.culvert.policy.wire.security.StringMatch;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** The values of one text field: exact ones by hash, so that a long list costs as much as one. */
final class TextSet {
  private final Set<String> exact = new HashSet<>();
  private final String[] prefixes;
  private final String[] suffixes;
  private final boolean presence;

  TextSet(List<StringMatch> values) {
    values.stream().filter(StringMatch::hasExact).map(StringMatch::getExact).forEach(exact::add);
    prefixes =
        values.stream()
            .filter(StringMatch::hasPrefix)
            .map(StringMatch::getPrefix)
            .toArray(String[]::new);
    suffixes =
        values.stream()
            .filter(StringMatch::hasSuffix)
            .map(StringMatch::getSuffix)
            .toArray(String[]::new);
    presence = values.stream().anyMatch(StringMatch::hasPresence);
  }

  /** A key for each value; none when a value is not exact and so stands for many. */
  Set<RuleKey> listed(Function<String, RuleKey> key) {
    boolean exactOnly = prefixes.length == 0 && suffixes.length == 0 && !presence;
    return exactOnly ? exact.stream().map(key).collect(toSet()) : Set.of();
  }

  boolean contains(String text) {
    if ((presence && !text.isEmpty()) || exact.contains(text)) {
      return true;
    }
    for (String prefix : prefixes) {
      if (text.startsWith(prefix)) {
        return true;
      }
    }
    for (String suffix : suffixes) {
      if (text.endsWith(suffix)) {
        return true;
      }
    }
    return false;
  }
}
