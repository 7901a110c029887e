/**
 * Sockets and the copying between them. Enters: a network namespace, two ends of a connection.
 * Leaves: marked sockets made in that namespace, and bytes carried both ways with back-pressure,
 * half-close and reset. All of a connection on one event loop.
 */
package dev.culvert.ztunnel.transport;
