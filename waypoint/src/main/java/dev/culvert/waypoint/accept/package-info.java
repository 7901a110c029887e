/**
 * The first phase of a request. Enters: the head as it came off the wire. Leaves: a target that
 * every later phase sees the same way, or a refusal. Event loop.
 */
package dev.culvert.waypoint.accept;
