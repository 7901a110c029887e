// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.ztunnel.telemetry.Telemetry;

/**
 * What connections that nobody looks into are carried by. Any loop.
 *
 * @param upstream their way on
 * @param telemetry hears of each
 * @param open those that are carried now
 */
public record Carriers(Upstream upstream, Telemetry telemetry, OpenPassages open) {
  /** Where none is carried yet. */
  public Carriers(Upstream upstream, Telemetry telemetry) {
    this(upstream, telemetry, new OpenPassages());
  }
}
