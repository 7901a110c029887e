// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

/** Whether tunnels need a key exchange that a quantum computer does not undo: X25519MLKEM768. */
public enum PostQuantum {
  /** Taken where the peer has it; others get a classical exchange. */
  PREFERRED,
  /** Peers without it are refused, as Istio's {@code COMPLIANCE_POLICY=pqc} does. */
  REQUIRED;

  /** The groups of TLS to offer and to take, the best first. */
  String[] groups() {
    return switch (this) {
      case PREFERRED -> new String[] {"X25519MLKEM768", "X25519", "P-256", "P-384"};
      case REQUIRED -> new String[] {"X25519MLKEM768"};
    };
  }
}
