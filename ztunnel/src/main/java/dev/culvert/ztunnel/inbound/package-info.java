/**
 * Connections to a pod of this node. Enters: CONNECTs of proved peers, plaintext, and connections
 * of pods of the same node. Leaves: a connection to the app inside its namespace, or a refusal;
 * authorized before anything is sent, and again whenever policy changes. On the event loop of the
 * connection.
 */
package dev.culvert.ztunnel.inbound;
