// SPDX-License-Identifier: Apache-2.0
/**
 * Connections of the front door that are carried as they are. Enters: a connection that somebody
 * accepted. Leaves: the same to a backend, a half-close for a half-close. Event loop.
 */
package dev.culvert.waypoint.stream;
