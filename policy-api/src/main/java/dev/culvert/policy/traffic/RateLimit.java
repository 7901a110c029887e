// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

import java.time.Duration;

/**
 * How many requests one proxy lets go to a service; the rest is answered 429.
 *
 * @param requests in each {@code per}
 * @param burst so many at once after a pause
 */
public record RateLimit(int requests, Duration per, int burst) {}
