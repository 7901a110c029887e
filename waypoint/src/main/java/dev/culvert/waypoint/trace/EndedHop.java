// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.waypoint.exchange.Hop;
import dev.culvert.ztunnel.telemetry.LogEntry;
import java.time.Instant;

/**
 * A span on its way to a collector.
 *
 * @param entry what the access log says of the request
 * @param status of the response; 0 when there was none
 * @param failed by the server's fault
 */
record EndedHop(
    Hop hop,
    String name,
    LogEntry entry,
    int status,
    boolean failed,
    Instant begun,
    Instant ended) {}
