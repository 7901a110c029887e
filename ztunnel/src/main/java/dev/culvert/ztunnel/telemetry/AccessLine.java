// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.ztunnel.json.JsonText;

/** Writes entries as lines of text, one after another in the same room. Not thread-safe. */
final class AccessLine implements LogEntry.Fields {
  private final StringBuilder out = new StringBuilder(1024);

  /** The line of an entry. */
  String of(LogEntry entry) {
    out.setLength(0);
    out.append(entry.message());
    entry.writeTo(this);
    return out.toString();
  }

  /** The line that an entry lays out itself. */
  String laidOut(WholeLine entry) {
    out.setLength(0);
    entry.appendTo(out);
    return out.toString();
  }

  @Override
  public void text(String name, String value) {
    name(name);
    JsonText.quote(value, out);
  }

  /** In quotes where it would look like more than one field: endpoints may be known by a name. */
  @Override
  public void plain(String name, String value) {
    name(name);
    if (isPlain(value)) {
      out.append(value);
    } else {
      JsonText.quote(value, out);
    }
  }

  /** Whether it is printable ASCII without spaces and quotes. */
  static boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '"') {
        return false;
      }
    }
    return true;
  }

  @Override
  public void number(String name, long value) {
    name(name);
    out.append(value);
  }

  private void name(String name) {
    out.append(' ').append(name).append('=');
  }
}
