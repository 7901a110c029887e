// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import static java.util.Comparator.comparing;

import dev.culvert.policy.resource.ServiceEntryResource;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Who has a host name: Services of Kubernetes, and the service entries that name it. */
final class Hosts {
  static final Comparator<ServiceEntryResource> OLDEST_FIRST =
      comparing(
              (ServiceEntryResource one) -> one.metadata().creationTimestamp().orElse(Instant.MAX))
          .thenComparing(one -> one.metadata().namespace())
          .thenComparing(one -> one.metadata().name());

  private final Map<String, TreeSet<ServiceEntryResource>> entries = new HashMap<>();

  void add(ServiceEntryResource entry) {
    entry
        .hosts()
        .forEach(
            host -> entries.computeIfAbsent(host, _ -> new TreeSet<>(OLDEST_FIRST)).add(entry));
  }

  void remove(ServiceEntryResource entry) {
    entry
        .hosts()
        .forEach(
            host ->
                entries.computeIfPresent(
                    host,
                    (_, all) -> {
                      all.remove(entry);
                      return all.isEmpty() ? null : all;
                    }));
  }

  /** The oldest counts. */
  boolean isCanonical(String host, ServiceEntryResource entry) {
    TreeSet<ServiceEntryResource> all = entries.get(host);
    return all != null && OLDEST_FIRST.compare(all.getFirst(), entry) == 0;
  }

  /** The namespaces whose service entries name a host. */
  Set<String> namespaces(String host) {
    TreeSet<ServiceEntryResource> all = entries.get(host);
    return all == null
        ? Set.of()
        : all.stream().map(entry -> entry.metadata().namespace()).collect(Collectors.toSet());
  }
}
