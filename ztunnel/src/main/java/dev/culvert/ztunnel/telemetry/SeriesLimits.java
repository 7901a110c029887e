// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import java.time.Duration;

/**
 * How much memory the metrics of connections may take.
 *
 * @param most pairs of workloads counted one by one; those beyond are counted together
 * @param idle a pair without a connection is forgotten after so long
 */
public record SeriesLimits(int most, Duration idle) {}
