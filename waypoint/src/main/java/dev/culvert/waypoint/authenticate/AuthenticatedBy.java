// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.kept.Piece;
import java.util.List;
import java.util.Optional;

/**
 * What proves the tokens of requests; nothing where no issuer's are taken.
 *
 * @param about what it is for
 */
public record AuthenticatedBy(Object about, List<Issuer> issuers)
    implements Piece<Optional<Phase>> {
  @Override
  public Optional<Phase> make(List<String> problems) {
    return issuers.isEmpty() ? Optional.empty() : Optional.of(new Authenticate(issuers));
  }
}
