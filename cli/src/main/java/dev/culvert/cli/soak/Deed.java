// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

/** A kind of churn. Each must happen in a soak. */
enum Deed {
  POD_REPLACED("pod replaced"),
  POLICY_EDITED("policy edited, and back"),
  AGENT_KILLED("agent killed and started"),
  CONTROLPLANE_KILLED("controlplane killed and started"),
  ZTUNNEL_UPGRADED("ztunnel upgraded"),
  CERTIFICATE_RENEWED("certificate renewed");

  private final String words;

  Deed(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
