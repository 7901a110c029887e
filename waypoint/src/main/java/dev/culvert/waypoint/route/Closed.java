// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.policy.resource.ResourceKey;
import java.util.Optional;

/** What is closed because something that is for it cannot be read. */
public interface Closed {
  /** Nothing is. */
  Closed NOTHING =
      new Closed() {
        @Override
        public Optional<String> door() {
          return Optional.empty();
        }

        @Override
        public Optional<String> route(ResourceKey key) {
          return Optional.empty();
        }
      };

  /** Why nobody gets in at a front door, if nobody does. */
  Optional<String> door();

  /** Why what a route takes goes nowhere, if it does not. */
  Optional<String> route(ResourceKey key);
}
