// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * What is counted; the names of the first four are those of Istio's ztunnel.
 *
 * @param requests queries taken
 * @param upstreamRequests queries sent to resolvers
 * @param upstreamFailures those that brought no answer
 * @param upstreamDuration of those that brought one
 * @param cacheHits queries answered from the cache
 * @param refusals what was refused, by the limit of one pod that it was beyond
 */
record DnsMeters(
    Counter requests,
    Counter upstreamRequests,
    Counter upstreamFailures,
    Timer upstreamDuration,
    Counter cacheHits,
    Map<Limit, Counter> refusals) {
  /** Why a pod's query or connection was refused. */
  enum Limit {
    QUERIES,
    BYTES,
    CONNECTIONS
  }

  static DnsMeters in(MeterRegistry registry) {
    Map<Limit, Counter> refusals = new EnumMap<>(Limit.class);
    for (Limit limit : Limit.values()) {
      String name = limit.name().toLowerCase(Locale.ROOT);
      refusals.put(limit, registry.counter("culvert_dns_refused", "limit", name));
    }
    return new DnsMeters(
        registry.counter("istio_dns_requests"),
        registry.counter("istio_dns_upstream_requests"),
        registry.counter("istio_dns_upstream_failures"),
        Timer.builder("istio_dns_upstream_request_duration")
            .serviceLevelObjectives(
                Duration.ofMillis(1),
                Duration.ofMillis(10),
                Duration.ofMillis(100),
                Duration.ofSeconds(1))
            .register(registry),
        registry.counter("culvert_dns_cache_hits"),
        refusals);
  }

  /** Counts what is beyond what one pod may have at once. */
  void refused(Limit limit) {
    refusals.get(limit).increment();
  }
}
