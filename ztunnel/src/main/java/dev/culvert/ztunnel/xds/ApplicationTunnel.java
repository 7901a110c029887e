// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.util.OptionalInt;

/**
 * How a pod's app wants to be told what a tunnel carried to it: a waypoint of another make, as
 * {@code ambient.istio.io/waypoint-inbound-binding} names it.
 *
 * @param port where the app takes it; empty for the port that was asked for
 */
public record ApplicationTunnel(Protocol protocol, OptionalInt port) {

  /** What stands before the bytes of a connection. */
  public enum Protocol {
    /** Nothing. */
    NONE,
    /** A header of the PROXY protocol. */
    PROXY
  }

  /** Whether what comes to the port is believed to begin with a header that a proxy wrote. */
  public boolean hasHeaderOn(int port) {
    return protocol == Protocol.PROXY && this.port.orElse(port) == port;
  }
}
