// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import dev.culvert.policy.wire.discovery.Resource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which version of what a proxy holds. Who was told everything holds the set that it was told,
 * which others hold too: only what differs from that is kept for it alone.
 */
final class Holdings {
  private static final String NOT_HELD = "";
  private static final String UNSURE = "?";

  private final Map<String, String> own = new HashMap<>();
  private ResourceSet told = ResourceSet.EMPTY;

  /** The version of a resource that is held, or null. */
  @Nullable String version(String name) {
    String version = own.get(name);
    if (version == null) {
      return told.get(name).map(Resource::getVersion).orElse(null);
    }
    return version.equals(NOT_HELD) ? null : version;
  }

  /** The names that are held otherwise than as part of everything. */
  Set<String> names() {
    return own.keySet();
  }

  void put(String name, String version) {
    own.put(name, version);
  }

  void put(Map<String, String> versions) {
    own.putAll(versions);
  }

  /** It may not be held any more, or in another version. */
  void doubt(String name) {
    if (version(name) != null) {
      own.put(name, UNSURE);
    }
  }

  void forget(String name) {
    if (told.get(name).isPresent()) {
      own.put(name, NOT_HELD);
    } else {
      own.remove(name);
    }
  }

  /** Everything in the set is held; what is not in it is held as it is. */
  void holdAll(ResourceSet set) {
    own.keySet().removeIf(name -> set.get(name).isPresent());
    own.values().removeIf(NOT_HELD::equals);
    told = set;
  }

  /** Nothing is held but these, in the version that they are held in. */
  void keepOnly(Set<String> names) {
    Map<String, String> kept = new HashMap<>();
    names.forEach(name -> Optional.ofNullable(version(name)).ifPresent(v -> kept.put(name, v)));
    own.clear();
    own.putAll(kept);
    told = ResourceSet.EMPTY;
  }
}
