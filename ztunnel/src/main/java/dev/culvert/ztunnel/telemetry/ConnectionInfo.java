// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Who talks to whom.
 *
 * @param source the client's address
 * @param destination the endpoint's address, or what the client asked for if none was chosen
 * @param asked what the client asked for, before an endpoint was chosen
 * @param hboneAddress the other end of the tunnel
 * @param sourceIdentity what the client proved
 * @param destinationIdentity what the server proved, or for a local one what it is known to be
 */
public record ConnectionInfo(
    Direction direction,
    Security security,
    InetSocketAddress source,
    InetSocketAddress destination,
    InetSocketAddress asked,
    Optional<InetSocketAddress> hboneAddress,
    Optional<Workload> sourceWorkload,
    Optional<Workload> destinationWorkload,
    Optional<Service> service,
    Optional<SpiffeId> sourceIdentity,
    Optional<SpiffeId> destinationIdentity) {

  /** Which side of the connection reports. */
  public enum Direction {
    INBOUND,
    OUTBOUND,
    /** A waypoint between the two. */
    WAYPOINT
  }

  /** How the two ends know each other. */
  public enum Security {
    /** Both proved their identity in TLS. */
    MUTUAL_TLS,
    /** Both are pods of this node: their namespaces say who they are, and nothing left the node. */
    SAME_NODE,
    /** Plaintext. */
    NONE
  }
}
