// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.wire.workload.LoadBalancing;
import dev.culvert.policy.wire.workload.LoadBalancing.Mode;
import dev.culvert.policy.wire.workload.LoadBalancing.Scope;
import java.util.List;

/**
 * Which endpoints of a service are near enough: an endpoint's rank is how many of the scopes, from
 * the first on, it shares with the client.
 *
 * @param mode whether the best rank there is will do, every scope must be shared, or none counts
 */
public record RoutingPreference(List<Scope> scopes, Mode mode) {
  private static final RoutingPreference NONE =
      new RoutingPreference(List.of(), Mode.UNSPECIFIED_MODE);

  public RoutingPreference {
    scopes = List.copyOf(scopes);
  }

  /** Every endpoint is as good as another. */
  public static RoutingPreference none() {
    return NONE;
  }

  static RoutingPreference of(LoadBalancing wire) {
    return new RoutingPreference(wire.getRoutingPreferenceList(), wire.getMode());
  }

  /** Whether connections go to the address that was asked for, past all endpoints. */
  boolean isPassthrough() {
    return mode == Mode.PASSTHROUGH;
  }

  /** How near the endpoint is; negative when too far for any connection. */
  int rank(Place endpoint, Place client) {
    return switch (mode) {
      case FAILOVER -> shared(endpoint, client);
      case STRICT -> shared(endpoint, client) == scopes.size() ? scopes.size() : -1;
      default -> 0;
    };
  }

  private int shared(Place endpoint, Place client) {
    int shared = 0;
    while (shared < scopes.size() && endpoint.shares(scopes.get(shared), client)) {
      shared++;
    }
    return shared;
  }
}
