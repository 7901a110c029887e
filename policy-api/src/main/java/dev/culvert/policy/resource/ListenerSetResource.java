// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;

/**
 * A ListenerSet of the Gateway API ({@code gateway.networking.k8s.io}): further listeners of a
 * Gateway, of whoever may add some.
 *
 * @param gateway whose they are
 * @param listeners at least one, each with a name of its own
 */
public record ListenerSetResource(
    ObjectMeta metadata, ObjectRef gateway, List<GatewayListener> listeners) implements Resource {
  public ListenerSetResource {
    listeners = List.copyOf(listeners);
  }

  @Override
  public String kind() {
    return "ListenerSet";
  }
}
