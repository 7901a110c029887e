// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Fields that many lines have alike. Each form that is bytes is laid out once, when it is asked for
 * again: of a connection with one request no line comes again.
 */
public final class KnownFields {
  private final Consumer<LogEntry.Fields> writer;
  private final Form line = new Form();
  private final Form attributes = new Form();

  /** Bytes that stay as they are. Two threads may both make them, and make the same. */
  private static final class Form {
    private volatile byte @Nullable [] bytes;
    private volatile boolean asked;

    byte @Nullable [] of(KnownFields fields, Function<KnownFields, byte[]> make) {
      byte[] known = bytes;
      if (known == null && asked) {
        known = make.apply(fields);
        bytes = known;
      }
      asked = true;
      return known;
    }
  }

  /**
   * Of fields that stay as they are.
   *
   * @param writer tells them, the same ones each time
   */
  public KnownFields(Consumer<LogEntry.Fields> writer) {
    this.writer = writer;
  }

  /** Tells the fields. */
  public void writeTo(LogEntry.Fields fields) {
    writer.accept(fields);
  }

  /** As a line of bytes has them; null when that was not asked for before. */
  byte @Nullable [] line() {
    return line.of(this, LineBytes::of);
  }

  /**
   * As attributes of a span; null when that was not asked for before. Any thread.
   *
   * @param make lays them out
   */
  public byte @Nullable [] attributes(Function<KnownFields, byte[]> make) {
    return attributes.of(this, make);
  }
}
