// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import java.util.Optional;

/**
 * Who sent a request, as its head says.
 *
 * @param trace 32 hex digits
 * @param span 16 hex digits
 * @param sampled empty when the decision is left to us
 */
record Parent(String trace, String span, Optional<Boolean> sampled) {}
