// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

/** Decides on the CONNECTs of one tunnel. */
@FunctionalInterface
public interface ConnectAcceptor {

  /** Answers sooner or later, on the same event loop, unless the peer gives up before. */
  void connect(InboundConnect connect);
}
