// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.exchange.Phase;

/**
 * What the routes of a port come to.
 *
 * @param carriages of connections to it
 * @param match finds the rule of a request to it
 */
record PortRoutes(Carriages carriages, Phase match) {}
