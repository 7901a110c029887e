// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import java.time.Instant;
import java.util.List;

/**
 * A Gateway API HTTPRoute, reduced to what matching needs.
 *
 * @param namespace of the route
 * @param name of the route
 * @param created when it was created; the older of two equally specific routes wins
 * @param hostnames none means every host
 * @param rules in the order of the resource
 */
public record HttpRoute(
    String namespace, String name, Instant created, List<Hostname> hostnames, List<Rule> rules) {

  /** Copies the lists; no hostname becomes {@link Hostname#ANY}. */
  public HttpRoute {
    hostnames = hostnames.isEmpty() ? List.of(Hostname.ANY) : List.copyOf(hostnames);
    rules = List.copyOf(rules);
  }

  /**
   * One rule of the route.
   *
   * @param matches one that holds is enough; none means every request
   * @param backends where the requests go, by weight
   */
  public record Rule(List<HttpMatch> matches, List<Backend> backends) {
    /** Copies the lists; no match becomes {@link HttpMatch#ANY}. */
    public Rule {
      matches = matches.isEmpty() ? List.of(HttpMatch.ANY) : List.copyOf(matches);
      backends = List.copyOf(backends);
    }
  }

  /**
   * A destination of a rule.
   *
   * @param namespace of the service
   * @param service its name
   * @param port its service port, 1 to 65535
   * @param weight its share, 0 to 1,000,000; 0 takes nothing
   */
  public record Backend(String namespace, String service, int port, int weight) {
    /** Throws IllegalArgumentException when port or weight is out of range. */
    public Backend {
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("port must be 1 to 65535, not " + port);
      }
      if (weight < 0 || weight > 1_000_000) {
        throw new IllegalArgumentException("weight must be 0 to 1000000, not " + weight);
      }
    }
  }
}
