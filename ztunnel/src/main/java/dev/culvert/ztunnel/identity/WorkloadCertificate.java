// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import dev.culvert.policy.spiffe.SpiffeId;
import io.netty.handler.ssl.SslContext;
import java.time.Instant;

/**
 * A workload's certificate, ready for tunnels: TLS 1.3, ALPN h2, no resumption. Both contexts check
 * that the peer's chain leads to the mesh's roots, is valid, not revoked, and of the own trust
 * domain or an alias; who the peer is must be checked after the handshake, with {@link
 * PeerIdentity}.
 *
 * @param serverContext asks for the client's certificate and takes no connection without
 * @param roots what both contexts check against
 */
public record WorkloadCertificate(
    SpiffeId id,
    Instant notAfter,
    SslContext clientContext,
    SslContext serverContext,
    MeshRoots roots) {}
