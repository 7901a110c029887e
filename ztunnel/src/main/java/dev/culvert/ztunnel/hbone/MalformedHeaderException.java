// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

/** A CONNECT request that cannot be understood; the message says which header and why. */
public final class MalformedHeaderException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedHeaderException(String message) {
    super(message, null, false, false);
  }
}
