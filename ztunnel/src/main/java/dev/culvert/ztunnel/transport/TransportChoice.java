// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

/** How the proxy talks to the kernel. */
public enum TransportChoice {
  /** The first that works here, in the order of the others. */
  AUTO,
  IO_URING,
  EPOLL,
  NIO
}
