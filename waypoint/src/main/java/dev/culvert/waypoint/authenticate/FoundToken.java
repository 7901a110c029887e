// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

/**
 * A token of a request, not proved.
 *
 * @param text as sent, without prefix
 * @param place where it was
 */
record FoundToken(String text, Place place) {}
