// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.wire.workload.LoadBalancing.Scope;

/**
 * Where something runs; empty texts are unknown.
 *
 * @param cluster the cluster's id
 */
public record Place(
    String network, String cluster, String region, String zone, String subzone, String node) {

  boolean shares(Scope scope, Place other) {
    return switch (scope) {
      case NETWORK -> network.equals(other.network);
      case CLUSTER -> cluster.equals(other.cluster);
      case REGION -> region.equals(other.region);
      case ZONE -> zone.equals(other.zone);
      case SUBZONE -> subzone.equals(other.subzone);
      case NODE -> node.equals(other.node);
      case UNSPECIFIED_SCOPE, UNRECOGNIZED -> true;
    };
  }
}
