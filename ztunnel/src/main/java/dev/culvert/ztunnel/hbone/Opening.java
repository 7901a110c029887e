// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

/** Waits for a stream to a target. One of the two is called, once, on the pool's event loop. */
public interface Opening {
  /** The target's side is connected. */
  void opened(HboneStream stream);

  /** There will be none. */
  void failed(TunnelException cause);
}
