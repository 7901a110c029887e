// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.transport.PodSockets;
import java.net.InetSocketAddress;
import java.util.Set;

/**
 * What connections must have in common to share a tunnel.
 *
 * @param from the source pod's namespace
 * @param source the identity that the tunnel proves
 * @param destination where the tunnel ends, usually port 15008 of a pod
 * @param expected the identities of which the other end must prove one
 */
public record TunnelKey(
    PodSockets from, SpiffeId source, InetSocketAddress destination, Set<SpiffeId> expected) {}
