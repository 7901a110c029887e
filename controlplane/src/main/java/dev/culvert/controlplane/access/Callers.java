// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

/** Tells from a bearer token which node calls. May block; asked on virtual threads. */
@FunctionalInterface
public interface Callers {
  /**
   * The node that a token speaks for.
   *
   * @throws RefusedCallerException when it speaks for none
   */
  String node(String token) throws RefusedCallerException;
}
