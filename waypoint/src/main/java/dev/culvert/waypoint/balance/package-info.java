// SPDX-License-Identifier: Apache-2.0
/**
 * Which endpoint of a service gets a request, and what is known of how endpoints fare. Enters: the
 * endpoints of a service. Leaves: a target for each request. Any event loop, without locks.
 */
package dev.culvert.waypoint.balance;
