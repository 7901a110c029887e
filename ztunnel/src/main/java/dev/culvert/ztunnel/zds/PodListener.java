// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.zds;

import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Learns of the node's pods, one call at a time; the futures may complete on any thread. */
public interface PodListener {

  /**
   * A pod joined the mesh. Takes over its namespace descriptor. A pod known under the same uid with
   * the same namespace stays as it is; with another namespace it is replaced. One in the namespace
   * of another pod is refused as long as that is in the mesh.
   *
   * @return done when its listeners are up; failed with a message for the operator
   */
  CompletableFuture<Void> add(Pod pod);

  /**
   * A pod left the mesh or was deleted; an unknown uid means nothing.
   *
   * @return done when no new connection is taken for it
   */
  CompletableFuture<Void> remove(String uid);

  /** The agent told of all its pods: the others are gone. */
  void retainOnly(Set<String> uids);
}
