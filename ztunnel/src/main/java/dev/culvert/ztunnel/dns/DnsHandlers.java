// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.ChannelHandler;

/** Makes what answers the DNS queries of a pod. */
public interface DnsHandlers {

  /**
   * A handler for one datagram channel of the pod, bound to port 15053 in its namespace.
   *
   * @param upstream opens sockets in the same namespace
   */
  ChannelHandler handlerFor(Pod pod, UpstreamSockets upstream);
}
