// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import dev.culvert.linux.socket.NetworkNamespace;
import java.util.Optional;

/**
 * A pod as ztunnel is told of it.
 *
 * @param uid unique on the node, in time too
 * @param netns stays the caller's and open until the pod's withdrawal is acknowledged; empty when
 *     it cannot be opened at the moment: a ztunnel that has the pod keeps it
 */
public record AnnouncedPod(
    String uid,
    String namespace,
    String name,
    String serviceAccount,
    Optional<NetworkNamespace> netns) {}
