// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.plan.Target;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/** Opens connections to endpoints. */
@FunctionalInterface
public interface Dialer {
  /**
   * Connects, on the loop.
   *
   * @param handler added to the channel's pipeline before anything is read
   * @return done, on the loop, when requests can be sent or never will be
   */
  Future<? extends Channel> dial(EventLoop loop, Target target, ChannelHandler handler);
}
