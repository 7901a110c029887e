// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import java.util.Optional;

/**
 * What protects a tunnel.
 *
 * @param cipher as RFC 8446 names it
 * @param group of the key exchange, as IANA names it; empty where the engine does not tell
 */
public record TlsSession(String cipher, Optional<String> group) {}
