// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.faults;

import dev.culvert.controlplane.peers.Await;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * What a controller is for.
 *
 * @param give something to do, for the so-manieth time
 * @param done whether it has done that
 */
record Job(IntConsumer give, IntPredicate done) {
  void await(int turn) throws Exception {
    Await.await(() -> done.test(turn));
  }
}
