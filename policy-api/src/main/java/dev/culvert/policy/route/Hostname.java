// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * A host name of a route, exact or with the leading wildcard label {@code *.}; the wildcard stands
 * for one or more labels (Gateway API, HTTPRouteSpec.hostnames).
 */
public record Hostname(String name) {
  /** Takes every host. */
  public static final Hostname ANY = new Hostname("*");

  /** The most specific first. */
  public static final Comparator<Hostname> MOST_SPECIFIC =
      Comparator.comparingInt(Hostname::specificity).reversed();

  /** Folds the name to lower case, as hosts compare without case (RFC 9110, section 4.2.3). */
  public Hostname {
    name = name.toLowerCase(Locale.ROOT);
  }

  /** Whether this takes the host, which is given in lower case and without a port. */
  public boolean matches(String host) {
    if (!isWildcard()) {
      return host.equals(name);
    }
    int suffix = name.length() - 1;
    return host.length() > suffix && host.regionMatches(host.length() - suffix, name, 1, suffix);
  }

  /** What both take: the more specific of the two; empty when there is no such host. */
  public Optional<Hostname> intersect(Hostname other) {
    if (takes(other)) {
      return Optional.of(other);
    }
    return other.takes(this) ? Optional.of(this) : Optional.empty();
  }

  /** Whether every host of the other is one of this. */
  private boolean takes(Hostname other) {
    if (!other.isWildcard()) {
      return matches(other.name);
    }
    return isWildcard() && other.name.endsWith(name.substring(1));
  }

  /** Higher wins: an exact name over every wildcard, a longer wildcard over a shorter one. */
  int specificity() {
    return isWildcard() ? name.length() : Integer.MAX_VALUE;
  }

  private boolean isWildcard() {
    return name.startsWith("*");
  }
}
