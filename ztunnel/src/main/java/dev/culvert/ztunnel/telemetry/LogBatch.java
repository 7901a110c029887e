// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

/** Lines of the access log that come together. Immutable, as another thread writes them. */
interface LogBatch {
  /** How many; at least one. */
  int count();

  /** The line of this index, made when it is written. */
  LogEntry entry(int index);
}
