// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import dev.culvert.ztunnel.route.Route;
import dev.culvert.ztunnel.zds.Pod;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Learns what may need no proxy the next time. Any thread; never waits. */
public interface DirectPath {
  /** Everything is proxied. */
  DirectPath NONE =
      new DirectPath() {
        @Override
        public void allowed(Pod source, InetSocketAddress asked, Route.SameNode route) {}

        @Override
        public void joined(Pod pod) {}

        @Override
        public void leaving(Pod pod, Duration connections) {}
      };

  /** A pod's connection to another one of this node was allowed, and its app took it. */
  void allowed(Pod source, InetSocketAddress asked, Route.SameNode route);

  /** A pod is up. */
  void joined(Pod pod);

  /**
   * A pod is let go.
   *
   * @param connections how long what it has open may go on
   */
  void leaving(Pod pod, Duration connections);
}
