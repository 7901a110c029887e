// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.ListenerTls;
import dev.culvert.policy.route.Hostname;
import java.util.List;
import java.util.Optional;

/**
 * Which listeners of a Gateway end TLS for host names that others end it for too. A client that
 * uses a connection for several hosts may meet the one where it should the other (Gateway API,
 * OverlappingTLSConfig); what comes so is answered 421 by the front door.
 */
final class TlsOverlaps {
  private final List<GatewayListener> all;

  /**
   * @param all of the Gateway and of its ListenerSets
   */
  TlsOverlaps(List<GatewayListener> all) {
    this.all = all.stream().filter(TlsOverlaps::endsTls).toList();
  }

  /** The condition of one that has such another; it must not be there without (Gateway API). */
  Optional<Condition> of(GatewayListener listener) {
    return endsTls(listener) && all.stream().anyMatch(other -> overlap(listener, other))
        ? Optional.of(
            Say.yes(
                Say.OVERLAPPING_TLS,
                "OverlappingHostnames",
                "port %d has other listeners for some of its host names: a client that shares a connection among them is answered 421"
                    .formatted(listener.port())))
        : Optional.empty();
  }

  private static boolean overlap(GatewayListener one, GatewayListener other) {
    return one.port() == other.port()
        && !one.hostname().equals(other.hostname())
        && host(one).intersect(host(other)).isPresent();
  }

  private static boolean endsTls(GatewayListener listener) {
    return listener.tls().filter(tls -> tls.mode() == ListenerTls.Mode.TERMINATE).isPresent();
  }

  private static Hostname host(GatewayListener listener) {
    return listener.hostname().isEmpty() ? Hostname.ANY : new Hostname(listener.hostname());
  }
}
