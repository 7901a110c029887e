// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.plan.BackendFilter;

/** A filter of a rule, or of one of its backends. */
interface Filter extends Phase, BackendFilter {}
