// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

import java.time.Duration;

/**
 * When an endpoint is set aside for how it answers. Each time it is for longer by {@code
 * baseEjectionTime}, up to {@code maxEjectionTime}.
 *
 * @param consecutive5xxErrors so many in a row, of 5xx and of no answer; 0 does not count them
 * @param consecutiveGatewayErrors the same of 502, 503, 504 and of no answer
 * @param interval for each in which it was not set aside, the next time is shorter by {@code
 *     baseEjectionTime}
 * @param maxEjectionPercent of the endpoints at once, 0 to 100; one may always be, where there are
 *     two, unless it is 0
 */
public record OutlierDetection(
    int consecutive5xxErrors,
    int consecutiveGatewayErrors,
    Duration interval,
    Duration baseEjectionTime,
    Duration maxEjectionTime,
    int maxEjectionPercent) {}
