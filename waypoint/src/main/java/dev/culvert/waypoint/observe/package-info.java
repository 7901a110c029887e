/**
 * The last phase: what is told of requests. Enters: an exchange that is over. Leaves: metrics and a
 * line of the access log, which a thread of its own writes.
 */
package dev.culvert.waypoint.observe;
