// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** Names and how their values must look, in arrays: a look at a request allocates nothing. */
final class NamedMatches {
  private final String[] names;
  private final ValueMatch[] values;

  NamedMatches(Map<String, ValueMatch> wanted) {
    this.names = wanted.keySet().toArray(String[]::new);
    this.values = new ValueMatch[names.length];
    for (int i = 0; i < names.length; i++) {
      values[i] = wanted.get(names[i]);
    }
  }

  /**
   * Whether all of them look so.
   *
   * @param found the value of a name in the request
   */
  boolean hold(RequestHead request, BiFunction<RequestHead, String, Optional<String>> found) {
    for (int i = 0; i < names.length; i++) {
      Optional<String> value = found.apply(request, names[i]);
      if (value.isEmpty() || !values[i].matches(value.get())) {
        return false;
      }
    }
    return true;
  }
}
