/**
 * What is told of connections. Enters: openings, bytes and outcomes, from event loops. Leaves:
 * metrics and the access log, written on a thread of their own.
 */
package dev.culvert.ztunnel.telemetry;
