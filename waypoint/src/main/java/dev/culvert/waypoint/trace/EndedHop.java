// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.waypoint.exchange.Hop;
import dev.culvert.ztunnel.telemetry.LogEntry;

/**
 * A span that is over.
 *
 * @param name of few values
 * @param entry what the access log says of the request
 * @param status of the response; 0 when there was none
 * @param failed by the server's fault
 * @param begun nanoseconds since 1970
 * @param nanos how long it took
 */
public record EndedHop(
    Hop hop, String name, LogEntry entry, int status, boolean failed, long begun, long nanos) {}
