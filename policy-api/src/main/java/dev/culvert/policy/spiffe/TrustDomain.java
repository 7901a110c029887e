// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.spiffe;

/** x. */
public record TrustDomain(String name) {
  /** x. */
  public String toId() {
    return "a";
  }
}
