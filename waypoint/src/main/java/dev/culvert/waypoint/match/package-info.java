/**
 * The second phase: the route that takes a request. Enters: an accepted request. Leaves: a view
 * that routes read. Event loop.
 */
package dev.culvert.waypoint.match;
