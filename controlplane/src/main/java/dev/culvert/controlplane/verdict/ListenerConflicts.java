// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.GatewayListener;
import java.util.ArrayList;
import java.util.List;

/**
 * Which listeners of a Gateway want the same. The first of a port stays, as it is what the port
 * does already: the Gateway's own go before those of ListenerSets.
 */
final class ListenerConflicts {
  private final List<Taken> taken = new ArrayList<>();

  private record Taken(ListenerOwner owner, GatewayListener listener) {}

  /** The condition of one that is served unless it conflicts; the next conflict with it then. */
  Condition add(ListenerOwner owner, GatewayListener listener) {
    for (Taken other : taken) {
      if (other.listener().port() != listener.port()) {
        continue;
      }
      if (!layer(other.listener()).equals(layer(listener))) {
        return Say.yes(
            Say.CONFLICTED,
            "ProtocolConflict",
            "port %d is %s already, by %s: choose another port"
                .formatted(listener.port(), other.listener().protocol(), name(other, owner)));
      }
      if (other.listener().hostname().equals(listener.hostname())) {
        return Say.yes(
            Say.CONFLICTED,
            "HostnameConflict",
            "%s has port %d and that host name already: choose others"
                .formatted(name(other, owner), listener.port()));
      }
    }
    taken.add(new Taken(owner, listener));
    return none();
  }

  static Condition none() {
    return Say.no(Say.CONFLICTED, "NoConflicts", "no other listener has its port and host name");
  }

  /** Server names tell HTTPS and TLS apart. */
  private static String layer(GatewayListener listener) {
    return listener.protocol().equals("HTTPS") ? "TLS" : listener.protocol();
  }

  /** What others call theirs is not told: it may be another tenant's. */
  private static String name(Taken other, ListenerOwner asker) {
    if (other.owner().key().equals(asker.key())) {
      return "listener " + other.listener().name();
    }
    return other.owner().set().isPresent()
        ? "an older ListenerSet of " + asker.gateway().key()
        : "a listener of " + asker.gateway().key();
  }
}
