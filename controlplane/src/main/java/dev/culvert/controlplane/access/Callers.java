// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

/** Tells from a bearer token who calls. May block; asked on virtual threads. */
@FunctionalInterface
public interface Callers {
  /**
   * Who presents a token.
   *
   * @throws RefusedCallerException when it is nobody who may call
   */
  Caller caller(String token) throws RefusedCallerException;
}
