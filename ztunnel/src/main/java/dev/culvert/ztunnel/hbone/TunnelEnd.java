// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;

/**
 * How a tunnel ends in order (RFC 9113 6.8): no new streams, then no stream, then no connection. On
 * the tunnel's event loop.
 */
final class TunnelEnd {
  private final TunnelHandler tunnel;
  private boolean draining;
  private boolean closing;
  private boolean leaving;

  TunnelEnd(TunnelHandler tunnel) {
    this.tunnel = tunnel;
  }

  /** Whether either side said that it wants no new streams. */
  boolean isDraining() {
    return draining;
  }

  /** Whether the last GOAWAY was sent: what is asked for after it is not looked at. */
  boolean isClosing() {
    return closing;
  }

  /**
   * No new streams; closes after the last one. The first GOAWAY names no stream, so that a CONNECT
   * already on its way is still served; the answer to a PING says that none is.
   */
  void drain() {
    if (draining) {
      return;
    }
    draining = true;
    tunnel.output().writer().goAway(Integer.MAX_VALUE, ErrorCode.NO_ERROR, "");
    tunnel.keepalive().roundTrip(this::drained);
  }

  private void drained() {
    closing = true;
    tunnel.output().writer().goAway(tunnel.lastStream(), ErrorCode.NO_ERROR, "");
    tunnel.output().flush();
    closeIfUnused();
  }

  /** The peer wants no new streams: ours end, then the tunnel does. */
  void retire() {
    draining = true;
    closing = true;
  }

  /**
   * Closes when the peer has taken what was sent last: a socket that closes while something comes
   * in is reset, and what it has not sent yet is lost, as the end of the last stream.
   */
  void closeIfUnused() {
    if (closing && !leaving && tunnel.streamCount() == 0 && tunnel.context().channel().isActive()) {
      leaving = true;
      tunnel.keepalive().roundTrip(tunnel.output()::closeWhenSent);
    }
  }
}
