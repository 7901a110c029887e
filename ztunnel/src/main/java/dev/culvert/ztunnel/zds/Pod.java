// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.zds;

import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.policy.spiffe.SpiffeId;

/**
 * A pod of this node that is in the mesh.
 *
 * @param uid as the agent names it
 * @param netns its network namespace, owned by whoever holds the pod last
 */
public record Pod(
    String uid,
    String namespace,
    String name,
    String serviceAccount,
    SpiffeId identity,
    NetworkNamespace netns) {}
