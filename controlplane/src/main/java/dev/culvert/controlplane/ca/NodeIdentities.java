// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

import dev.culvert.policy.spiffe.SpiffeId;

/** Which identities live where. Asked on virtual threads; may wait for a moment. */
@FunctionalInterface
public interface NodeIdentities {
  /** Whether a pod of this identity is on the node. */
  boolean runsOn(String node, SpiffeId identity);
}
