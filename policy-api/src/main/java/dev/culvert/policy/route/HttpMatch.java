// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import java.util.Map;
import java.util.Optional;

/**
 * One condition of a rule; everything in it must hold.
 *
 * @param path how the path must look
 * @param method the method asked for, or empty for every method
 * @param headers values by header name in lower case
 * @param queryParameters values by parameter name
 */
public record HttpMatch(
    PathMatch path,
    Optional<String> method,
    Map<String, ValueMatch> headers,
    Map<String, ValueMatch> queryParameters) {

  /** Takes every request, as a rule without matches does. */
  public static final HttpMatch ANY =
      new HttpMatch(PathMatch.ANY, Optional.empty(), Map.of(), Map.of());

  /** Copies the maps. */
  public HttpMatch {
    headers = Map.copyOf(headers);
    queryParameters = Map.copyOf(queryParameters);
  }
}
