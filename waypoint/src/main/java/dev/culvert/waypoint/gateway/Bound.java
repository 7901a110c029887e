// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.ListenerTls;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.route.Hostname;
import java.util.List;
import java.util.Optional;

/**
 * A listener and whose it is.
 *
 * @param set the ListenerSet that it is of; empty for one of the Gateway itself
 */
record Bound(GatewayResource gateway, GatewayListener listener, Optional<ListenerSetResource> set) {
  /** Who names its certificates, and is named by routes. */
  Resource owner() {
    return set.isPresent() ? set.get() : gateway;
  }

  /** What it is, whatever is said of it. */
  Key key() {
    return new Key(gateway.key(), owner().key(), listener.name());
  }

  /** A listener of an owner for a Gateway. */
  record Key(ResourceKey gateway, ResourceKey owner, String listener) {}

  boolean isTls() {
    return listener.protocol().equals("TLS");
  }

  /** Whether a backend ends its TLS. */
  boolean isPassedThrough() {
    return listener.tls().filter(tls -> tls.mode() == ListenerTls.Mode.PASSTHROUGH).isPresent();
  }

  boolean isHttp() {
    return listener.protocol().startsWith("HTTP");
  }

  /** Whether another one of the same owner is too much the same. */
  boolean isTwin(Bound other) {
    return !key().equals(other.key())
        && owner().key().equals(other.owner().key())
        && conflicts(other);
  }

  /** Whether one of somebody else has what this wants. */
  boolean isBehind(Bound other) {
    return !owner().key().equals(other.owner().key()) && conflicts(other);
  }

  private boolean conflicts(Bound other) {
    return listener.conflict(other.listener).isPresent();
  }

  String name() {
    return "%s/%s/%s"
        .formatted(owner().metadata().namespace(), owner().metadata().name(), listener.name());
  }

  /** Those that it takes. */
  Hostname hostname() {
    return listener.hostname().isEmpty() ? Hostname.ANY : new Hostname(listener.hostname());
  }

  /** Those of a route that it takes too; empty when there is none. */
  Optional<List<Hostname>> hostnames(List<Hostname> route) {
    if (route.isEmpty()) {
      return Optional.of(List.of(hostname()));
    }
    List<Hostname> common =
        route.stream().flatMap(own -> own.intersect(hostname()).stream()).toList();
    return common.isEmpty() ? Optional.empty() : Optional.of(common);
  }
}
