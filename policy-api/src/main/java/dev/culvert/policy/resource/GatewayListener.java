// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Optional;

/**
 * A listener of a Gateway.
 *
 * @param port 1 to 65535
 * @param protocol HTTP, HTTPS, TLS, TCP, UDP, HBONE, or one of somebody else's, which has a slash
 * @param hostname in lower case, exact or with the first label {@code *}; empty takes every host
 * @param tls empty for protocols without it
 */
public record GatewayListener(
    String name,
    int port,
    String protocol,
    String hostname,
    Optional<ListenerTls> tls,
    AllowedRoutes allowedRoutes) {}
