// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

/**
 * One of several waypoints that share a service's connections.
 *
 * @param weight its part among the others; 0 takes none
 */
public record WeightedWaypoint(GatewayAddress destination, long weight) {}
