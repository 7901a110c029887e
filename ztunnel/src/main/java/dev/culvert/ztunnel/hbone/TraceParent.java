// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** The {@code traceparent} header (W3C Trace Context): one trace per connection, not sampled. */
final class TraceParent {
  private TraceParent() {}

  static String fresh() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    // A zero id is invalid: the low bit is set in both.
    return "00-%s%s-%s-00"
        .formatted(
            hex.toHexDigits(random.nextLong()),
            hex.toHexDigits(random.nextLong() | 1),
            hex.toHexDigits(random.nextLong() | 1));
  }
}
