// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How the DNS of pods is served.
 *
 * @param answersNames whether names of the mesh are answered, and DNS over TCP is taken; else every
 *     query goes to the resolver that the pod asked
 * @param clusterDomain the end of services' host names
 * @param preferredNamespace whose service a host name means that several have; or empty
 * @param resolvers asked after the one that the pod asked; none leaves only that
 * @param timeout how long one resolver has for an answer
 * @param cacheBytes of answers kept for each pod; 0 keeps none
 * @param maxQueries of one pod that wait for resolvers at once
 * @param maxBytes of one pod's queries and answers held at once
 * @param maxConnections over TCP that one pod may have at once
 * @param idle how long a TCP connection is kept without a query
 */
public record DnsSettings(
    boolean answersNames,
    String clusterDomain,
    String preferredNamespace,
    List<InetSocketAddress> resolvers,
    Duration timeout,
    long cacheBytes,
    int maxQueries,
    long maxBytes,
    int maxConnections,
    Duration idle) {

  public DnsSettings {
    resolvers = List.copyOf(resolvers);
  }

  /** What fits most pods. */
  public static DnsSettings standard(String clusterDomain, List<InetSocketAddress> resolvers) {
    return new DnsSettings(
        true,
        clusterDomain,
        "",
        resolvers,
        Duration.ofSeconds(2),
        256 << 10,
        256,
        4 << 20,
        32,
        Duration.ofSeconds(10));
  }
}
