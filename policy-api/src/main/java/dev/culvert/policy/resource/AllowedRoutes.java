// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.Map;

/**
 * What may attach to a listener.
 *
 * @param from which namespaces
 * @param selector which of them, when they are selected; otherwise it does not count
 * @param kinds of routes; empty for all that fit the protocol
 */
public record AllowedRoutes(From from, LabelSelector selector, List<RouteKind> kinds) {
  /** What a listener allows that does not say it. */
  public static final AllowedRoutes OWN_NAMESPACE =
      new AllowedRoutes(From.SAME, new LabelSelector(Map.of(), List.of()), List.of());

  /** Namespaces. */
  public enum From {
    ALL,
    /** The own one. */
    SAME,
    SELECTOR
  }

  /** A kind of route. */
  public record RouteKind(String group, String kind) {}

  public AllowedRoutes {
    kinds = List.copyOf(kinds);
  }

  /** Whether what is in a namespace may attach to a Gateway of {@code own}. */
  public boolean allows(NamespaceResource namespace, String own) {
    return switch (from) {
      case ALL -> true;
      case SAME -> namespace.metadata().name().equals(own);
      case SELECTOR -> selector.matches(namespace.metadata().labels());
    };
  }
}
