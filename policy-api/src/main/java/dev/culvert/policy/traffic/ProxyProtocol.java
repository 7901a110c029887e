// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

/** The versions of the PROXY protocol, by which a server is told whose connection it was given. */
public enum ProxyProtocol {
  /** A line of text. */
  V1,
  /** Binary. */
  V2
}
