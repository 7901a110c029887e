// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Endpoints to draw from by their capacity, in the time of a binary search. Immutable. */
final class WeightedTable {
  private final List<Optional<ServiceEndpoint>> endpoints;

  /** Where each endpoint's part of the whole ends; null when all parts are the same. */
  private final long[] ends;

  /**
   * @param endpoints each of a capacity above 0
   */
  WeightedTable(List<ServiceEndpoint> endpoints) {
    this.endpoints = endpoints.stream().map(Optional::of).toList();
    this.ends =
        endpoints.stream().mapToInt(WeightedTable::weight).distinct().count() <= 1
            ? null
            : ends(endpoints);
  }

  private static long[] ends(List<ServiceEndpoint> endpoints) {
    long[] ends = endpoints.stream().mapToLong(WeightedTable::weight).toArray();
    Arrays.parallelPrefix(ends, Long::sum);
    return ends;
  }

  private static int weight(ServiceEndpoint endpoint) {
    return endpoint.workload().capacity();
  }

  /** One at random; empty when there is none. */
  Optional<ServiceEndpoint> draw(RandomGenerator random) {
    int size = endpoints.size();
    if (size <= 1) {
      return size == 0 ? Optional.empty() : endpoints.getFirst();
    }
    return endpoints.get(ends == null ? random.nextInt(size) : weighted(random));
  }

  private int weighted(RandomGenerator random) {
    int at = Arrays.binarySearch(ends, random.nextLong(ends[ends.length - 1]));
    // A part holds the numbers below its end: one that is found is the first of the next part.
    return at >= 0 ? at + 1 : -at - 1;
  }
}
