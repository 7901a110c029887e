// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

import java.util.Optional;

/**
 * How requests to a service are carried.
 *
 * @param outliers empty when nobody is set aside for how it answers
 * @param healthCheck empty when nobody is asked
 * @param retries empty when a request is sent again only where nothing can have been done with it
 * @param rateLimit empty when any number goes
 * @param proxyProtocol how endpoints are told of clients; empty for not at all
 */
public record Traffic(
    LoadBalancing loadBalancing,
    ConnectionLimits connections,
    Optional<OutlierDetection> outliers,
    Optional<HealthCheck> healthCheck,
    Optional<RetryPolicy> retries,
    Faults faults,
    Optional<RateLimit> rateLimit,
    Optional<ProxyProtocol> proxyProtocol) {

  /** Of services that no policy is for. */
  public static final Traffic STANDARD =
      new Traffic(
          LoadBalancing.STANDARD,
          ConnectionLimits.NONE,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Faults.NONE,
          Optional.empty(),
          Optional.empty());
}
