// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.wire.workload.LoadBalancing;
import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.policy.wire.workload.LoadBalancing.Scope;
import java.util.List;

/**
 * Which endpoints of a service are near enough: an endpoint's rank is how many of the scopes, from
 * the first on, it shares with this node.
 */
public record RoutingPreference(List<Scope> scopes, Mode mode) {

  /**
   * Where something runs.
   *
   * @param cluster the cluster's id
   */
  record Place(
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

  /** A workload and where it runs. */
  record Placed(Workload workload, Place place) {}

  static RoutingPreference of(LoadBalancing wire) {
    return new RoutingPreference(List.copyOf(wire.getRoutingPreferenceList()), wire.getMode());
  }

  /** The nearest of the candidates, or those that share every scope when that is demanded. */
  List<Workload> choose(List<Placed> candidates, Place here) {
    int best =
        switch (mode) {
          case STRICT -> scopes.size();
          case FAILOVER ->
              candidates.stream().mapToInt(one -> rank(one.place(), here)).max().orElse(0);
          default -> 0;
        };
    return candidates.stream()
        .filter(one -> rank(one.place(), here) >= best)
        .map(Placed::workload)
        .toList();
  }

  boolean dependsOnPlace() {
    return !scopes.isEmpty();
  }

  private int rank(Place place, Place here) {
    int rank = 0;
    while (rank < scopes.size() && place.shares(scopes.get(rank), here)) {
      rank++;
    }
    return rank;
  }
}
