// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import java.util.List;
import java.util.Locale;

/** What a front door may be told to do beside forwarding, each before a door of its own. */
public enum AddedPolicy {
  /** One that denies and one that allows, by path, method, address and header. */
  AUTHORIZATION(18_101),
  /** A signed token that is proved, and asked for by a policy. */
  TOKEN(18_102),
  /** More than comes. */
  RATE_LIMIT(18_103),
  /** Fields of request and response set, added and removed. */
  HEADERS(18_104),
  /** Host and path. */
  REWRITE(18_105),
  /** A route by method, header and query, tried after others. */
  MATCHES(18_106),
  /** Of the request and of the backend. */
  TIMEOUTS(18_107),
  /** Retries with a budget, a circuit breaker, outlier detection, a balancer. */
  RESILIENCE(18_108),
  /** Every request a span. */
  TRACING(18_109),
  /** 10,000 routes where there are ten. */
  ROUTES(18_110);

  private final int port;

  AddedPolicy(int port) {
    this.port = port;
  }

  /** As resources are called. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Of its front door. */
  public int port() {
    return port;
  }

  /**
   * What each request has, on the way with the policy and on the way without.
   *
   * @param token a bearer's
   * @param with whether it is the way with it
   */
  public List<String> headers(String token, boolean with) {
    return switch (this) {
      case TOKEN -> List.of("authorization: Bearer " + token);
      // Whether it is sampled is all that tells the ways apart.
      case TRACING ->
          List.of(
              "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-"
                  + (with ? "01" : "00"));
      case MATCHES -> List.of("x-team: shoes");
      default -> List.of();
    };
  }
}
