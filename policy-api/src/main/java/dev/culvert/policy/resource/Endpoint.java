// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * One endpoint of a slice; its addresses stand for the same thing.
 *
 * @param ready whether it may get connections; true when not written
 * @param serving the same, but also while terminating; as ready when not written
 * @param nodeName where it runs; empty when not written
 * @param zone the zone of its node; empty when not written
 * @param pod the pod of the same namespace behind it
 */
public record Endpoint(
    List<InetAddress> addresses,
    boolean ready,
    boolean serving,
    boolean terminating,
    String nodeName,
    String zone,
    Optional<String> pod) {
  public Endpoint {
    addresses = List.copyOf(addresses);
  }
}
