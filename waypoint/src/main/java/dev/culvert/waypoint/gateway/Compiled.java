// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.waypoint.match.Match;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a folder's resources come to.
 *
 * @param ports by number
 * @param problems what has no effect, and why
 */
record Compiled(SortedMap<Integer, Port> ports, List<String> problems) {

  /**
   * A port and what its requests go through.
   *
   * @param certificates by host name in lower case, exact or with the first label {@code *}; null
   *     for a port without TLS
   * @param names of its listeners
   */
  record Port(Match match, @Nullable Map<String, SslContext> certificates, Set<String> names) {}
}
