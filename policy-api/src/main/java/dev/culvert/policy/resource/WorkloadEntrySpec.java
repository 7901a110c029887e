// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/**
 * An endpoint outside of Kubernetes.
 *
 * @param ip its address
 * @param hostname the name that stands for its addresses when it has none; empty without. One that
 *     has neither is reached by the gateway of its network only
 * @param ports where it serves, by the name of the port
 * @param network empty for that of the mesh
 * @param locality {@code REGION/ZONE/SUBZONE}, the ends may be missing; empty when unknown
 * @param weight among the endpoints of a service; empty for 1
 * @param serviceAccount empty for {@code default}
 */
public record WorkloadEntrySpec(
    Optional<InetAddress> ip,
    String hostname,
    Map<String, Integer> ports,
    Map<String, String> labels,
    String network,
    String locality,
    Optional<Integer> weight,
    String serviceAccount) {

  public WorkloadEntrySpec {
    ports = Map.copyOf(ports);
    labels = Map.copyOf(labels);
  }
}
