// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.plan.Destination;

/**
 * Where what is for a port goes that no route is for. A connection that is not looked into is the
 * client's, its TLS too: none of ours is put around it.
 */
record Own(Destination requests, Destination connections) {}
