// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import java.util.function.Consumer;

/**
 * Fields that many lines have alike. Where lines are bytes they are laid out once, by the one
 * thread that writes them.
 */
public final class KnownFields {
  private final Consumer<LogEntry.Fields> writer;
  private byte[] bytes;

  /**
   * Of fields that stay as they are.
   *
   * @param writer tells them, the same ones each time
   */
  public KnownFields(Consumer<LogEntry.Fields> writer) {
    this.writer = writer;
  }

  /** Tells the fields. */
  void writeTo(LogEntry.Fields fields) {
    writer.accept(fields);
  }

  /** As a line of bytes has them. */
  byte[] bytes() {
    if (bytes == null) {
      bytes = LineBytes.of(this);
    }
    return bytes;
  }
}
