/**
 * One request and its response on their way through the phases. Enters: a checked head from a
 * client's connection. Leaves: an answer, by a phase or by the backend. Event loop of the client.
 */
package dev.culvert.waypoint.exchange;
