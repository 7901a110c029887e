// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.culvert.controlplane.collection.Shards;
import dev.culvert.policy.wire.discovery.Resource;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All resources of one type, by name and by alias. A version is a hash of the content: it is the
 * same in every replica and after every restart, so a proxy that reconnects is sent only what is
 * new to it. Immutable; a successor costs what changed, and knows what that is.
 */
public final class ResourceSet {
  /** No resources. */
  public static final ResourceSet EMPTY =
      new ResourceSet(
          Shards.none(),
          NameIndex.by(Resource::getAliasesList),
          Companions.NONE,
          RecentChanges.none());

  private final Shards<Resource> byName;
  private final NameIndex namesByAlias;
  private final Companions companions;
  private final RecentChanges changes;

  private ResourceSet(
      Shards<Resource> byName,
      NameIndex namesByAlias,
      Companions companions,
      RecentChanges changes) {
    this.byName = byName;
    this.namesByAlias = namesByAlias;
    this.companions = companions;
    this.changes = changes;
  }

  /** The set of these resources; of two with one name the later one counts. */
  public static ResourceSet of(Collection<Resource> resources) {
    return EMPTY.with(resources, List.of());
  }

  /**
   * A resource with its version.
   *
   * @param aliases other names that a proxy may ask for it by
   */
  public static Resource resource(
      String typeUrl, String name, List<String> aliases, Message content) {
    ContentHash hash = ContentHash.of(content);
    return Resource.newBuilder()
        .setName(name)
        .addAllAliases(aliases)
        .setVersion(hash.version())
        .setResource(Any.newBuilder().setTypeUrl(typeUrl).setValue(hash.bytes()))
        .build();
  }

  /**
   * The next generation; this one when nothing changes.
   *
   * @param put of two with one name the later one counts
   * @param removed names; one that is put as well is put
   */
  public ResourceSet with(Collection<Resource> put, Collection<String> removed) {
    Map<String, @Nullable Resource> changed = new HashMap<>();
    removed.forEach(name -> changed.put(name, null));
    put.forEach(resource -> changed.put(resource.getName(), resource));
    changed
        .entrySet()
        .removeIf(
            one ->
                one.getValue() == null
                    ? byName.get(one.getKey()) == null
                    : one.getValue().equals(byName.get(one.getKey())));
    if (changed.isEmpty()) {
      return this;
    }
    return new ResourceSet(
        byName.with(changed),
        namesByAlias.with(byName, changed),
        companions.with(byName, changed),
        changes.then(changed.keySet()));
  }

  /** How many there are. */
  public int size() {
    return byName.size();
  }

  /** The resource of a name, not of an alias. */
  public Optional<Resource> get(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** All of them, in an order that depends on their names only. */
  public void forEach(Consumer<Resource> each) {
    byName.forEach((_, resource) -> each.accept(resource));
  }

  /** All in the order of their names: a copy, for who reads. */
  public NavigableMap<String, Resource> byName() {
    NavigableMap<String, Resource> sorted = new TreeMap<>();
    byName.forEach(sorted::put);
    return Collections.unmodifiableNavigableMap(sorted);
  }

  /**
   * The name of the resource that has this name or alias. While two have one alias, as when an
   * address passes from pod to pod, the last by name is meant.
   */
  Optional<String> name(String nameOrAlias) {
    if (byName.get(nameOrAlias) != null) {
      return Optional.of(nameOrAlias);
    }
    List<String> aliased = namesByAlias.of(nameOrAlias);
    return aliased.isEmpty() ? Optional.empty() : Optional.of(aliased.getLast());
  }

  /** The names of all resources that have this name or alias, meant by it or not. */
  Set<String> having(String nameOrAlias) {
    Set<String> names = new HashSet<>();
    if (byName.get(nameOrAlias) != null) {
      names.add(nameOrAlias);
    }
    names.addAll(namesByAlias.of(nameOrAlias));
    return names;
  }

  /** What belongs together among them. */
  Companions companions() {
    return companions;
  }

  /** The names whose resources are not the same in an earlier set as in this. */
  Set<String> since(ResourceSet earlier) {
    return changes
        .since(earlier.changes)
        .orElseGet(
            () -> {
              Set<String> names = new HashSet<>();
              byName.difference(earlier.byName, names::add);
              return names;
            });
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ResourceSet set && byName.equals(set.byName);
  }

  @Override
  public int hashCode() {
    return byName.hashCode();
  }
}
