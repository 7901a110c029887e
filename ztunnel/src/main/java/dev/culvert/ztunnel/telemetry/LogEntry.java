// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

/**
 * What the access log says of one connection or request. Immutable, as another thread writes it.
 */
public interface LogEntry {

  /** Takes the fields in their order. */
  interface Fields {
    /** A text, to be quoted. */
    void text(String name, String value);

    /** A number or an address, which needs no quotes. */
    void plain(String name, String value);

    /** A number. */
    void number(String name, long value);

    /** Fields that other lines have as well. */
    default void known(KnownFields fields) {
      fields.writeTo(this);
    }
  }

  /** What the line begins with. */
  String message();

  /** Tells the fields. */
  void writeTo(Fields fields);
}
