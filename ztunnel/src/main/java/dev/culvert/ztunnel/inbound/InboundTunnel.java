// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import io.netty.channel.Channel;

/** A tunnel that another node opened to a pod. */
public final class InboundTunnel {
  private InboundTunnel() {}

  /** Takes a connection that was just accepted and has no handlers yet. On its event loop. */
  public static void accept(InboundPod pod, Channel channel) {
    TunnelEntrance.accept(
        new TunnelEntrance.Host(
            pod.pod().identity(),
            pod.share(),
            pod.certificates(),
            pod.tunnels(),
            "pod %s/%s".formatted(pod.pod().namespace(), pod.pod().name())),
        (peer, source, own) ->
            connect ->
                new InboundStream(pod, channel.eventLoop(), peer, source, own, connect).begin(),
        channel);
  }
}
