// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import dev.culvert.ztunnel.zds.Pod;
import io.netty.channel.EventLoop;

/** Makes what answers the DNS of pods. */
@FunctionalInterface
public interface DnsHandlers {

  /**
   * What answers one pod.
   *
   * @param loop where all of its queries meet
   */
  PodDns of(Pod pod, EventLoop loop, Upstream upstream);
}
