// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.resource.ObjectReading;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import dev.culvert.policy.resource.ResourceNotice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Gathers changes until they are taken out as one. An object with an error keeps what it said
 * before; a policy of which nothing good is known is closed until it is. Thread-safe.
 */
final class ResourceInbox {
  private final Map<ResourceKey, Optional<Held>> pending = new LinkedHashMap<>();
  private final Map<ResourceKey, SortedMap<Integer, Held>> held = new HashMap<>();
  private final SortedMap<String, Said> findings = new TreeMap<>();
  private boolean open;
  private boolean changed;

  /**
   * What is in force of one object.
   *
   * @param good whether the object says it; else it stands in for a policy that cannot be read
   * @param text what was written, of kinds that waypoints are told
   */
  private record Held(Resource resource, boolean good, Optional<String> text) {}

  private record Said(List<ResourceError> errors, List<ResourceNotice> notices) {}

  /** What an object says now. */
  synchronized void put(ResourceKind kind, String origin, ResourceKey key, ObjectReading reading) {
    Optional<Held> next = reading.resource().map(one -> new Held(one, true, reading.text()));
    if (next.isEmpty() && !hasGood(kind, key)) {
      next = reading.standIn().map(one -> new Held(one, false, reading.text()));
    }
    next.ifPresent(one -> hold(kind, key, one));
    note(origin, said(origin, reading, next.filter(one -> !one.good())));
  }

  /** An object is gone. */
  synchronized void remove(ResourceKind kind, String origin, ResourceKey key) {
    note(origin, new Said(List.of(), List.of()));
    SortedMap<Integer, Held> all = held.get(key);
    if (all == null || all.remove(kind.rank()) == null) {
      return;
    }
    if (all.isEmpty()) {
      held.remove(key);
    }
    pending.put(key, all.values().stream().findFirst());
    changed();
  }

  /** From now on changes may be taken: what is there is whole. */
  synchronized void open() {
    open = true;
    changed();
  }

  /** Waits until there is something to take. */
  synchronized void await() throws InterruptedException {
    while (!open || !changed) {
      wait();
    }
  }

  /** What there is to take, which stays there. */
  synchronized ResourceChanges peek() {
    return changes();
  }

  synchronized ResourceChanges take() {
    ResourceChanges taken = changes();
    pending.clear();
    changed = false;
    return taken;
  }

  private ResourceChanges changes() {
    List<Resource> put = new ArrayList<>();
    Map<ResourceKey, String> texts = new HashMap<>();
    List<ResourceKey> removed = new ArrayList<>();
    pending.forEach(
        (key, held) -> {
          held.map(Held::resource).ifPresentOrElse(put::add, () -> removed.add(key));
          held.flatMap(Held::text).ifPresent(text -> texts.put(key, text));
        });
    return new ResourceChanges(
        put,
        texts,
        removed,
        findings.values().stream().flatMap(one -> one.errors().stream()).toList(),
        findings.values().stream().flatMap(one -> one.notices().stream()).toList());
  }

  private boolean hasGood(ResourceKind kind, ResourceKey key) {
    Held known = held.getOrDefault(key, new TreeMap<>()).get(kind.rank());
    return known != null && known.good();
  }

  /** Of those of this name the one that counts is put; most changes are none to us. */
  private void hold(ResourceKind kind, ResourceKey key, Held one) {
    SortedMap<Integer, Held> all = held.computeIfAbsent(key, _ -> new TreeMap<>());
    if (!one.equals(all.put(kind.rank(), one))) {
      pending.put(key, Optional.of(all.firstEntry().getValue()));
      changed();
    }
  }

  private static Said said(String origin, ObjectReading reading, Optional<Held> closed) {
    Stream<ResourceNotice> more =
        closed.stream().map(one -> ResourceNotice.closed(origin, one.resource()));
    return new Said(reading.errors(), Stream.concat(reading.notices().stream(), more).toList());
  }

  private void note(String origin, Said said) {
    boolean clean = said.errors().isEmpty() && said.notices().isEmpty();
    Said before = clean ? findings.remove(origin) : findings.put(origin, said);
    if (clean ? before != null : !said.equals(before)) {
      changed();
    }
  }

  private void changed() {
    changed = true;
    notifyAll();
  }
}
