// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

/**
 * How much there may be at once.
 *
 * @param podConnections of one pod: those that it opens, and those that are opened to it
 * @param podTunnels to one pod
 * @param podHandshakes TLS handshakes of tunnels to one pod
 * @param peerConnections of one identity to one pod
 * @param peerTunnels of one identity to one pod
 * @param handshakes TLS handshakes of tunnels to all pods of the node
 * @param descriptors of connections and tunnels of all pods
 * @param buffers bytes of buffers above which nothing new is taken
 */
public record LimitSettings(
    int podConnections,
    int podTunnels,
    int podHandshakes,
    int peerConnections,
    int peerTunnels,
    int handshakes,
    int descriptors,
    long buffers) {}
