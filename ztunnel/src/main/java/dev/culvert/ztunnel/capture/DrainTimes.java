// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import java.time.Duration;

/**
 * How a pod is let go.
 *
 * @param listeners how long its listeners still accept, for connections that were on their way
 * @param connections how long its connections may go on; then they are reset
 */
public record DrainTimes(Duration listeners, Duration connections) {}
