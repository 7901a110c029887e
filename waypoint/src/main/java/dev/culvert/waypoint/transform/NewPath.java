// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.policy.resource.HttpRouteFilter.PathChange;
import dev.culvert.policy.route.HttpMatch;
import dev.culvert.policy.route.PathMatch;
import java.util.List;

/** A path made of another one (Gateway API, HTTPPathModifier). */
final class NewPath {
  private final PathChange change;
  private final List<HttpMatch> matches;

  NewPath(PathChange change, List<HttpMatch> matches) {
    this.change = change;
    this.matches = matches;
  }

  /** The new path and the old query. */
  String of(String uri) {
    int mark = uri.indexOf('?');
    String path = mark < 0 ? uri : uri.substring(0, mark);
    String query = mark < 0 ? "" : uri.substring(mark);
    return (change.prefix() ? replaced(path) : change.path()) + query;
  }

  /** {@code /a} for {@code /x} makes {@code /x/b} into {@code /a/b}, and {@code /x} into /a. */
  private String replaced(String path) {
    String rest = path.substring(matchedPrefix(path));
    String start = change.path();
    if (start.endsWith("/")) {
      start = start.substring(0, start.length() - 1);
    }
    String joined = rest.isEmpty() || rest.startsWith("/") ? start + rest : start + "/" + rest;
    return joined.startsWith("/") ? joined : "/" + joined;
  }

  private int matchedPrefix(String path) {
    int longest = 0;
    for (HttpMatch match : matches) {
      if (match.path() instanceof PathMatch.Prefix(String prefix) && match.path().matches(path)) {
        longest = Math.max(longest, prefix.length());
      }
    }
    return longest;
  }
}
