// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

import java.time.Duration;

/**
 * How the share of a new endpoint grows, in proportion to the time.
 *
 * @param window until it is whole
 * @param minPercent what it begins with, 1 to 100
 */
public record SlowStart(Duration window, int minPercent) {}
