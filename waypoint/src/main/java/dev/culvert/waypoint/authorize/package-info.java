// SPDX-License-Identifier: Apache-2.0
/**
 * The phase in which AuthorizationPolicies decide. Enters: a request that a route takes. Leaves:
 * the same, or a 403. Event loop.
 */
package dev.culvert.waypoint.authorize;
