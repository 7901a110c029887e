// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.time.Instant;
import java.util.Comparator;
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
  /** Of two that conflict the first has the port (Gateway API, ListenerSet). */
  public static final Comparator<ListenerSetResource> OLDEST_FIRST =
      Comparator.comparing(
              (ListenerSetResource set) -> set.metadata().creationTimestamp().orElse(Instant.EPOCH))
          .thenComparing(set -> set.metadata().namespace())
          .thenComparing(set -> set.metadata().name());

  public ListenerSetResource {
    listeners = List.copyOf(listeners);
  }

  @Override
  public String kind() {
    return "ListenerSet";
  }
}
