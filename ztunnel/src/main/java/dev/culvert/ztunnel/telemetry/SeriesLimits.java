// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import java.time.Duration;

/**
 * How much memory the metrics of connections, or of requests, may take.
 *
 * @param most pairs of workloads, or requests with something in common, counted one by one; those
 *     beyond are counted together
 * @param idle those without a connection or request are forgotten after so long
 */
public record SeriesLimits(int most, Duration idle) {}
