/**
 * Connections that a pod of this node opens. Enters: a captured connection and where it was going.
 * Leaves: a stream of a tunnel, a connection to an app of this node, a plaintext connection to what
 * is outside of the mesh, or a reset. Before the other end is there, no more is read from the
 * client than goes along with a CONNECT. On the event loop of the connection.
 */
package dev.culvert.ztunnel.outbound;
