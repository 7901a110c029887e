// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

/** The event that tells a connection to end with what is under way on it. */
enum Drain {
  BEGIN
}
