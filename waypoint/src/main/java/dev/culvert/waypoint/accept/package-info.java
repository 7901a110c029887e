/**
 * The first phase: clients' connections. Enters: bytes. Leaves: requests that every later phase
 * sees the same way, one after the other, or a refusal. A connection stays on one event loop.
 */
package dev.culvert.waypoint.accept;
