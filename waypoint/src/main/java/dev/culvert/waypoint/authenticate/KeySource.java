// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

/** Where the keys of an issuer come from. Any thread; never blocks. */
interface KeySource {
  /** Those that are known now. */
  TokenKeys keys();

  /** A token names a key that is not among them: there may be newer ones. */
  default void missing() {}
}
