/**
 * The other ends of a proxy under test: clients and backends by hand, so that they can misbehave.
 */
package dev.culvert.waypoint.peers;
