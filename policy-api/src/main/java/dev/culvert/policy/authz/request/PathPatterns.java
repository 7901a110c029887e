// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import com.google.re2j.Pattern;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Paths: exact, by their beginning or end, or by a template in which {@code {*}} is one segment and
 * {@code {**}} any number of them.
 */
final class PathPatterns {
  private final TextPatterns texts;
  private final Pattern[] templates;

  PathPatterns(List<String> patterns) {
    texts = new TextPatterns(patterns.stream().filter(one -> !isTemplate(one)).toList());
    templates =
        patterns.stream()
            .filter(PathPatterns::isTemplate)
            .map(PathPatterns::compile)
            .toArray(Pattern[]::new);
  }

  private static boolean isTemplate(String pattern) {
    return pattern.contains("{*}") || pattern.contains("{**}");
  }

  boolean matches(String path) {
    if (texts.matches(path)) {
      return true;
    }
    for (Pattern template : templates) {
      if (template.matches(path)) {
        return true;
      }
    }
    return false;
  }

  private static Pattern compile(String template) {
    return Pattern.compile(
        Arrays.stream(template.split("/", -1))
            .map(PathPatterns::segment)
            .collect(Collectors.joining("/")));
  }

  private static String segment(String text) {
    return switch (text) {
      case "{*}" -> "[^/]+";
      case "{**}" -> ".*";
      default -> Pattern.quote(text);
    };
  }
}
