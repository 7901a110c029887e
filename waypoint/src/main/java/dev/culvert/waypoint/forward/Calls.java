// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.plan.Target;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequest;
import java.time.Duration;
import java.util.function.Consumer;

/** Requests of our own, such as to the provider of a policy, over the connections of all others. */
public final class Calls {
  private final LoopPools pools;

  public Calls(LoopPools pools) {
    this.pools = pools;
  }

  /**
   * What bounds a call.
   *
   * @param timeout until its answer must be whole
   * @param most bytes of the answer's body
   */
  public record Bounds(Duration timeout, int most) {}

  /** What becomes of a call. */
  public interface Pending {
    /** Nobody waits for it any more; nothing is told of it then. */
    void cancel();

    /** Whether its answer is still to come. */
    boolean isOpen();
  }

  /**
   * Sends a request. It is sent again once when the endpoint did nothing with it, or a kept
   * connection ended under it.
   *
   * @param loop the caller's, on which the answer is told
   * @param body empty for none
   * @param told of the answer, perhaps before this returns
   */
  public Pending send(
      EventLoop loop,
      Target target,
      HttpRequest head,
      byte[] body,
      Bounds bounds,
      Consumer<CallAnswer> told) {
    Call call = new Call(loop, pools.of(loop), target, head, body, bounds, told);
    call.begin();
    return call;
  }
}
