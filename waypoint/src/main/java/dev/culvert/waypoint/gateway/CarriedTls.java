// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.waypoint.accept.TlsEnd;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.stream.StreamPlan;
import dev.culvert.waypoint.stream.Streams;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of the TLS of a route of connections.
 *
 * @param end how it is ended here; empty when its backend ends it
 */
record CarriedTls(
    Bound.Key listener,
    ResourceKey route,
    Optional<TlsEnd.Here> end,
    StreamPlan plan,
    Streams streams)
    implements Piece<TlsEnd> {
  @Override
  public Object about() {
    return List.of(listener, route);
  }

  @Override
  public TlsEnd make(List<String> problems) {
    return end.<TlsEnd>map(here -> new TlsEnd.Within(here, streams.withinTls(plan)))
        .orElseGet(() -> new TlsEnd.Beyond(streams.tls(plan)));
  }
}
