// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.socket.SocketOptions;
import dev.culvert.ztunnel.transport.Transport;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;

/** Tells where a captured connection was going. */
@FunctionalInterface
public interface OriginalDestination {
  /**
   * The address that the app connected to.
   *
   * @throws ErrnoException when the connection was not captured
   */
  InetSocketAddress of(SocketChannel accepted) throws ErrnoException;

  /** By the kernel's SO_ORIGINAL_DST. */
  static OriginalDestination kernel(Transport transport) {
    return accepted -> SocketOptions.originalDestination(transport.descriptor(accepted));
  }
}
