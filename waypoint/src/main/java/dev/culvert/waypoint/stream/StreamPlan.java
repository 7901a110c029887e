// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.waypoint.plan.RoutePlan;

/**
 * What becomes of a listener's connections.
 *
 * @param gateway whose policies judge them
 */
public record StreamPlan(RoutePlan route, ResourceKey gateway) {}
