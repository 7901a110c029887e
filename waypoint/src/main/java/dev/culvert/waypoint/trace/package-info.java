// SPDX-License-Identifier: Apache-2.0
/**
 * Traces: which trace a request is of, and the span that this hop is. Enters: a request with
 * whatever its client says of its trace. Leaves: the same saying this hop, and spans on their way
 * to a collector, by a thread of its own.
 */
package dev.culvert.waypoint.trace;
