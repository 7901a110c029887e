// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Waits for a stream to a target. One of the two is called, once, on the pool's event loop. */
public interface Opening {
  /**
   * What goes along with the CONNECT, before its answer: held by the other side until it has
   * allowed the connection. Asked for with each attempt; the caller owns it.
   */
  default ByteBuf early() {
    return Unpooled.EMPTY_BUFFER;
  }

  /** The target's side is connected. */
  void opened(HboneStream stream);

  /** There will be none. */
  void failed(TunnelException cause);
}
