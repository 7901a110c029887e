// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import jnr.unixsocket.UnixSocketChannel;

/** Answers one caller of a socket, on a thread of its own, and closes it. */
@FunctionalInterface
interface Callers {
  void answer(UnixSocketChannel caller);
}
