// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

/**
 * A user event of a connection that is in a tunnel: the tunnel's other end stops. What is under way
 * goes on and may end as it likes; who keeps the connection for later should close it, as the other
 * end waits for it, and in the end breaks it.
 */
public enum Leaving {
  /** The other end of the tunnel sent GOAWAY (RFC 9113, 6.8). */
  PEER
}
