// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

/** A failure that knows what it means for the connections it breaks. */
public interface FlaggedFailure {
  /** The flag of connections that end by it. */
  ResponseFlag flag();

  /** The flag of any failure; most have none. */
  static ResponseFlag flagOf(Throwable failure) {
    return failure instanceof FlaggedFailure flagged ? flagged.flag() : ResponseFlag.NONE;
  }
}
