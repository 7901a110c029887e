// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.Map;
import java.util.Optional;

/**
 * A resource and where in its file it starts.
 *
 * @param text what was written, of kinds that waypoints are told
 */
record LocatedResource(Resource resource, int document, int line, Optional<String> text) {
  /** The same place, and what is written there, with another resource in force. */
  LocatedResource with(Resource other) {
    return new LocatedResource(other, document, line, text);
  }

  /** The same with the object that is known, if that says the same. */
  LocatedResource keeping(Map<ResourceKey, Resource> known) {
    Resource before = known.get(resource.key());
    return resource.equals(before) ? with(before) : this;
  }

  Optional<WrittenResource> written() {
    return text.map(one -> new WrittenResource(resource, one));
  }

  boolean sameKey(LocatedResource other) {
    return resource.key().equals(other.resource.key());
  }
}
