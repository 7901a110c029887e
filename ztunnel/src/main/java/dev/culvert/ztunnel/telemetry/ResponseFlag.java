// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

/** The {@code response_flags} of Istio's metrics. */
public enum ResponseFlag {
  NONE("-"),
  DENY("DENY"),
  CONNECT("CONNECT"),
  TLS_FAILURE("TLS_FAILURE"),
  H2_HANDSHAKE_FAILURE("H2_HANDSHAKE_FAILURE"),
  NETWORK_POLICY("NETWORK_POLICY"),
  IDENTITY_ERROR("IDENTITY_ERROR"),
  CERT_REVOKED("CERT_REVOKED");

  private final String label;

  ResponseFlag(String label) {
    this.label = label;
  }

  /** The label's value. */
  public String label() {
    return label;
  }
}
