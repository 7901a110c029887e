// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

/**
 * This proxy's part of a request's way.
 *
 * @param trace 32 hex digits
 * @param span 16 hex digits, of this hop
 * @param parent the same of who sent the request; empty when nobody says
 * @param sampled whether spans of the trace are collected
 */
public record Hop(String trace, String span, String parent, boolean sampled) {}
