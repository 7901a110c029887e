// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

/**
 * How a connection went, as its client saw it.
 *
 * @param began the moment before it was opened
 * @param greeted when the server's first byte came; 0 if none did
 * @param ended the moment after its end
 * @param sent bytes that the client's kernel took
 * @param verified bytes that came back and were right
 * @param server the pod that answered; - if none did
 * @param detail for people
 */
record Ending(
    long id,
    long began,
    long greeted,
    long ended,
    long sent,
    long verified,
    String server,
    How how,
    String detail) {
  private static final int WORDS = 10;

  /** What ended it. */
  enum How {
    /** All was sent, came back and ended as it should. */
    DONE,
    /** It was opened, and then ended or reset before the server's first byte. */
    REFUSED,
    /** It ended or was reset in the middle. */
    CUT,
    /** Something came back that was not sent. */
    WRONG,
    /** Nothing moved for so long that the client gave up. */
    STALLED,
    /** It could not be opened. */
    UNREACHABLE
  }

  boolean isGreeted() {
    return greeted != 0;
  }

  /** What the apps tell. */
  String line() {
    return "end %d %d %d %d %d %d %s %s %s"
        .formatted(id, began, greeted, ended, sent, verified, server, how, detail);
  }

  /** Reads what {@link #line} wrote. */
  static Ending parse(String line) {
    String[] words = line.split(" ", WORDS);
    return new Ending(
        Long.parseLong(words[1]),
        Long.parseLong(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]),
        Long.parseLong(words[5]),
        Long.parseLong(words[6]),
        words[7],
        How.valueOf(words[8]),
        words[9]);
  }
}
