// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Where copies of a rule's requests go (Gateway API, HTTPRequestMirrorFilter).
 *
 * @param numerator of so many requests a copy is sent, of {@code denominator}
 */
public record Mirror(Destination destination, int numerator, int denominator) {

  /** Whether a copy of the next request is sent. */
  public boolean draws() {
    return numerator >= denominator || ThreadLocalRandom.current().nextInt(denominator) < numerator;
  }
}
