// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import java.util.Optional;

/**
 * A connection that is open, for people who look.
 *
 * @param tls what protects its tunnel; empty without one, or before there is one
 * @param sent bytes from the client to the server until now
 * @param received bytes from the server to the client until now
 */
public record OpenConnection(
    ConnectionInfo info, Optional<TlsSession> tls, long sent, long received) {}
