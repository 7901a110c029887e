// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import java.time.Instant;
import org.slf4j.event.Level;

/** A line of the access log on its way to a collector. */
record ExportedLine(Level level, LogEntry entry, Instant time) {}
