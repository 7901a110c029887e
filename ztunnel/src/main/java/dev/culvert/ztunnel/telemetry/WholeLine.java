// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

/**
 * An entry that lays out its own line: neither a time nor a level stands before it, whatever the
 * log's format is.
 */
public interface WholeLine extends LogEntry {

  /** Appends the line, without a line break anywhere in it. */
  void appendTo(StringBuilder out);
}
