// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What a rule of a route does to its requests or responses (Gateway API, HTTPRouteFilter). */
public sealed interface HttpRouteFilter {

  /**
   * Changes of header fields; names in lower case.
   *
   * @param response whether those of the response
   */
  record Headers(
      boolean response, Map<String, String> set, Map<String, String> add, List<String> remove)
      implements HttpRouteFilter {
    /** Copies them. */
    public Headers {
      set = Map.copyOf(set);
      add = Map.copyOf(add);
      remove = List.copyOf(remove);
    }
  }

  /**
   * Answers with a redirect.
   *
   * @param scheme http or https; empty for the request's
   * @param hostname empty for the request's
   * @param path empty for the request's
   * @param port empty for the scheme's, or the listener's
   * @param status 301, 302, 303, 307 or 308
   */
  record Redirect(
      Optional<String> scheme,
      Optional<String> hostname,
      Optional<PathChange> path,
      OptionalInt port,
      int status)
      implements HttpRouteFilter {}

  /** Changes the request's host or path before it is sent on. */
  record Rewrite(Optional<String> hostname, Optional<PathChange> path) implements HttpRouteFilter {}

  /**
   * A new path.
   *
   * @param prefix whether it replaces the prefix that the rule matched, and not the whole path
   */
  record PathChange(boolean prefix, String path) {}
}
