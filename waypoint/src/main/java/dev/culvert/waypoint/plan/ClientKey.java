// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

/** What a Gateway shows to backends that TLS is spoken to, to prove who it is. */
public sealed interface ClientKey {
  /** Nothing. */
  record None() implements ClientKey {}

  /**
   * A certificate, in PEM.
   *
   * @param certificate with those that lead to its authority
   * @param key its private key
   */
  record Pem(String certificate, String key) implements ClientKey {
    /** Without the key, which belongs into no log. */
    @Override
    public String toString() {
      return "Pem[certificate=" + certificate + "]";
    }
  }

  /** One that it cannot show: nothing may be sent to who may ask for it. */
  record Missing(String problem) implements ClientKey {}
}
