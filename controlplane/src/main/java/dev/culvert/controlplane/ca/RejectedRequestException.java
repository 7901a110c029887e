// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.ca;

/** A signing request that is not signed. The message tells the caller why. */
final class RejectedRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  RejectedRequestException(String problem) {
    super(problem);
  }
}
