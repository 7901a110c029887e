// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.pairs;

import dev.culvert.policy.wire.pairs.PairGrant;
import dev.culvert.policy.wire.pairs.PairKey;

/** Carries out what ztunnel says, for as long as it is the one that decides. Any thread. */
public interface PairRequests {
  /** Lets the pair connect, if both of its pods are this node's and enrolled. */
  void grant(PairGrant grant);

  /** Lets it connect no more. */
  void revoke(PairKey pair);

  /** Nobody has come to decide for a while: what is open is reset. */
  void resetAll();
}
