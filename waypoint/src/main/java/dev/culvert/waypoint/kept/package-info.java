// SPDX-License-Identifier: Apache-2.0
/**
 * What a change of configuration leaves as it is. Enters: pieces of work. Leaves: what they come
 * to, the same object as long as what it is made of stays. On the thread that compiles.
 */
package dev.culvert.waypoint.kept;
