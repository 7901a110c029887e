// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

/**
 * A token of a request, not proved.
 *
 * @param issuer whose rule looks there; the token may be another's
 * @param text as sent, without prefix
 * @param place where it was
 */
record FoundToken(Issuer issuer, String text, Place place) {}
