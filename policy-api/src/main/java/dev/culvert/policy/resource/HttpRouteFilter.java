// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

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
   * Sends a copy of some requests elsewhere, whose answers count for nothing.
   *
   * @param to where; its weight has no meaning
   * @param numerator of so many requests a copy is sent, of {@code denominator}
   */
  record Mirror(BackendRef to, int numerator, int denominator) implements HttpRouteFilter {}

  /**
   * Has somebody decide whether a request may go on (GEP-1494).
   *
   * @param to who is asked; its weight has no meaning
   * @param protocol how
   * @param mostBody so many bytes of a body are told, and a request with more is refused; 0 for
   *     none
   */
  record ExternalAuth(BackendRef to, ExtensionProvider.Protocol protocol, int mostBody)
      implements HttpRouteFilter {}

  /** Those among filters that have somebody decide. */
  static Stream<ExternalAuth> externalAuths(List<HttpRouteFilter> filters) {
    return filters.stream().filter(ExternalAuth.class::isInstance).map(ExternalAuth.class::cast);
  }

  /** Those among filters that send copies. */
  static Stream<Mirror> mirrors(List<HttpRouteFilter> filters) {
    return filters.stream().filter(Mirror.class::isInstance).map(Mirror.class::cast);
  }

  /**
   * Lets pages of other origins ask (Fetch, section 3.3); a single {@code *} is any.
   *
   * @param origins {@code SCHEME://HOST[:PORT]}, the host perhaps with a leading wildcard
   * @param credentials whether with cookies and the like
   * @param methods that may be asked for
   * @param headers that requests may have
   * @param exposed header fields of responses that pages may see
   * @param maxAge seconds for which a browser may keep the answer
   */
  record Cors(
      List<String> origins,
      boolean credentials,
      List<String> methods,
      List<String> headers,
      List<String> exposed,
      int maxAge)
      implements HttpRouteFilter {
    /** Copies the lists. */
    public Cors {
      origins = List.copyOf(origins);
      methods = List.copyOf(methods);
      headers = List.copyOf(headers);
      exposed = List.copyOf(exposed);
    }
  }

  /**
   * A new path.
   *
   * @param prefix whether it replaces the prefix that the rule matched, and not the whole path
   */
  record PathChange(boolean prefix, String path) {}
}
