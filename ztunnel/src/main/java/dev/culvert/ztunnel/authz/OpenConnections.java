// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.authz;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.xds.Workload;
import java.util.function.Consumer;

/** The connections that were allowed and are open: judged again whenever policy changes. */
public interface OpenConnections {

  /** A connection that is watched. */
  interface Tracked extends AutoCloseable {
    /** The connection ended. Any thread, any number of times. */
    @Override
    void close();
  }

  /** From where a connection is watched. */
  enum Side {
    /**
     * Where it comes from. The destination judges it too, and knows better what was not received or
     * not understood here.
     */
    SOURCE,
    /** Where it goes to: what denies it there denies it. */
    DESTINATION
  }

  /**
   * Watches a connection until its end.
   *
   * @param close called at most once, on any thread, when policy forbids the connection now
   */
  Tracked track(
      Side side, Workload destination, ConnectionFacts facts, Consumer<Verdict.Deny> close);
}
