// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.util.Locale;

/**
 * One connection, or one question to DNS.
 *
 * @param from the pod that opens it
 * @param netns the pod's
 * @param to the app that is meant
 * @param host its address, or the name to ask for
 * @param expected for DNS the address that must be answered, else -
 * @param seconds how long it lasts if it is one that lasts
 */
record Job(
    long id,
    Kind kind,
    String from,
    String netns,
    String to,
    String host,
    String expected,
    long seconds) {
  /** What is done with it. */
  enum Kind {
    /** A few kilobytes there and back, closed at once. */
    SHORT,
    /** Two hundred messages, each awaited. */
    CHATTY,
    /** Megabytes in both directions at once. */
    BULK,
    /** Everything sent, own half closed, then everything read up to the end. */
    HALF_CLOSED,
    /** Silent between its first and its last message. */
    IDLE,
    /** A message now and then. */
    LONG,
    /** To what policy forbids: it must end without a byte. */
    FORBIDDEN,
    /** A service's name. */
    DNS;

    /** Whether most of its time is silence. */
    boolean lasts() {
      return this == IDLE || this == LONG;
    }

    /** For people. */
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** What the apps are told. */
  String line() {
    return "open %d %s %s %s %s %d".formatted(id, kind, netns, host, expected, seconds);
  }

  @Override
  public String toString() {
    return "%s connection %d, %s -> %s (%s)".formatted(kind.word(), id, from, to, host);
  }
}
