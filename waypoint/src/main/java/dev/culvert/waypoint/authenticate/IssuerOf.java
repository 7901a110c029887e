// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import dev.culvert.policy.resource.JwtRule;
import dev.culvert.waypoint.kept.Piece;
import java.util.List;

/** An issuer as a rule has it. */
record IssuerOf(JwtRule about, KeySource keys) implements Piece<Issuer> {
  @Override
  public Issuer make(List<String> problems) {
    return new Issuer(about, keys);
  }
}
