// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.GatewayListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which listeners of a Gateway want the same. Of two of one owner neither is served (Gateway API,
 * handling indistinct listeners); of others the first has its port: the Gateway's own go before
 * those of ListenerSets (GEP-1713).
 */
final class ListenerConflicts {
  private final List<Taken> taken = new ArrayList<>();

  private record Taken(ListenerOwner owner, GatewayListener listener) {}

  /**
   * The condition of one that is served unless it conflicts; what others want afterwards conflicts
   * with it.
   *
   * @param siblings those of its owner that are served unless they conflict
   */
  Condition add(ListenerOwner owner, List<GatewayListener> siblings, GatewayListener listener) {
    Optional<Condition> rival =
        taken.stream()
            .filter(other -> !other.owner().key().equals(owner.key()))
            .flatMap(
                other ->
                    conflict(listener, other.listener(), "%s has it already", name(other, owner)))
            .findFirst();
    if (rival.isPresent()) {
      return rival.get();
    }
    taken.add(new Taken(owner, listener));
    return siblings.stream()
        .filter(other -> !other.name().equals(listener.name()))
        .flatMap(
            other ->
                conflict(listener, other, "%s wants it too, so neither is served", other(other)))
        .findFirst()
        .orElseGet(ListenerConflicts::none);
  }

  private static Stream<Condition> conflict(
      GatewayListener one, GatewayListener other, String why, String name) {
    return one
        .conflict(other)
        .map(
            conflict ->
                switch (conflict) {
                  case PROTOCOL ->
                      Say.yes(
                          Say.CONFLICTED,
                          "ProtocolConflict",
                          "port %d as %s: %s: choose another port"
                              .formatted(one.port(), other.protocol(), why.formatted(name)));
                  case HOSTNAME ->
                      Say.yes(
                          Say.CONFLICTED,
                          "HostnameConflict",
                          "port %d and that host name: %s: choose others"
                              .formatted(one.port(), why.formatted(name)));
                })
        .stream();
  }

  static Condition none() {
    return Say.no(Say.CONFLICTED, "NoConflicts", "no other listener has its port and host name");
  }

  private static String other(GatewayListener sibling) {
    return "listener " + sibling.name();
  }

  /** What others call theirs is not told: it may be another tenant's. */
  private static String name(Taken other, ListenerOwner asker) {
    return other.owner().set().isPresent()
        ? "an older ListenerSet of " + asker.gateway().key()
        : "a listener of " + asker.gateway().key();
  }
}
