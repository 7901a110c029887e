// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.spiffe.SpiffeId;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;

/**
 * What serves one port of a service, ready for a connection.
 *
 * @param target its address and port, by name when it has no address; empty when only the gateway
 *     of its network reaches it
 * @param expected the identities of which it must prove one
 */
public record ServiceEndpoint(
    Workload workload, Optional<InetSocketAddress> target, Set<SpiffeId> expected) {}
