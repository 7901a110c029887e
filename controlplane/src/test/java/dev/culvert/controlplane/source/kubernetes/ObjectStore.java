// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is stored, and what has happened to it: each change has the resourceVersion that comes next.
 * Its monitor holds it still for a request that reads and then writes.
 */
final class ObjectStore {
  private final Map<String, NavigableMap<String, GenericKubernetesResource>> objects =
      new HashMap<>();
  private final List<Event> events = new ArrayList<>();
  private final Map<String, NavigableMap<String, GenericKubernetesResource>> snapshots =
      new HashMap<>();
  private final ServedKinds kinds;
  private long version = 100;
  private long oldest;
  private int era;
  private boolean rollsOut;

  /** One change, as a watch tells it. */
  record Event(long version, String collection, String type, String key, String object) {}

  ObjectStore(ServedKinds kinds) {
    this.kinds = kinds;
  }

  /** Stores an object if its kind is known, which is then installed. */
  synchronized void put(GenericKubernetesResource object) {
    String collection =
        ServedKinds.collection(object.getApiVersion(), ServedKinds.plural(object.getKind()));
    if (kinds.isKnown(collection)) {
      kinds.install(collection);
      store(collection, object);
    }
  }

  /** What a server fills in is filled in. */
  synchronized void store(String collection, GenericKubernetesResource object) {
    version++;
    ObjectMeta metadata = object.getMetadata();
    metadata.setResourceVersion(Long.toString(version));
    if (kinds.isNamespaced(collection) && metadata.getNamespace() == null) {
      metadata.setNamespace("default");
    }
    Map<String, GenericKubernetesResource> all =
        objects.computeIfAbsent(collection, _ -> new TreeMap<>());
    GenericKubernetesResource before = all.get(key(object));
    if (metadata.getUid() == null) {
      metadata.setUid(before == null ? "uid-" + version : before.getMetadata().getUid());
    }
    metadata.setGeneration(generation(before, object));
    if (metadata.getCreationTimestamp() == null) {
      metadata.setCreationTimestamp("2026-11-26T00:00:00Z");
    }
    if (rollsOut) {
      Controllers.complete(object);
    }
    all.put(key(object), object);
    Controllers.served(object).stream().filter(kinds::isKnown).forEach(kinds::install);
    happened(collection, before == null ? "ADDED" : "MODIFIED", object);
  }

  /** It counts what the object was told to be; what is said of it is not counted. */
  private static Long generation(
      GenericKubernetesResource before, GenericKubernetesResource object) {
    Long known = before == null ? null : before.getMetadata().getGeneration();
    Long sent = object.getMetadata().getGeneration();
    if (known == null) {
      return sent == null ? 1L : sent;
    }
    boolean same =
        Objects.equals(
            Reply.JSON.asJson(before.getAdditionalProperties().get("spec")),
            Reply.JSON.asJson(object.getAdditionalProperties().get("spec")));
    return same ? known : Long.valueOf(known + 1);
  }

  /** With a namespace goes what is in it, with a definition the objects of its kind. */
  synchronized void delete(String collection, String key) {
    GenericKubernetesResource gone = objects.get(collection).remove(key);
    if (collection.equals("v1/namespaces")) {
      List.copyOf(objects.keySet()).forEach(all -> deleteAll(all, key + "/"));
    }
    Controllers.served(gone).forEach(this::remove);
    version++;
    gone.getMetadata().setResourceVersion(Long.toString(version));
    happened(collection, "DELETED", gone);
  }

  /** Removes a kind with all its objects. */
  synchronized void remove(String collection) {
    deleteAll(collection, "");
    kinds.uninstall(collection);
    endWatches();
  }

  private void deleteAll(String collection, String prefix) {
    List.copyOf(ofKind(collection).keySet()).stream()
        .filter(key -> key.startsWith(prefix))
        .forEach(key -> delete(collection, key));
  }

  private void happened(String collection, String type, GenericKubernetesResource object) {
    events.add(new Event(version, collection, type, key(object), Reply.JSON.asJson(object)));
    notifyAll();
  }

  /** Forgets what happened so far. */
  synchronized void compact() {
    oldest = version;
    events.clear();
    snapshots.clear();
    version++;
    endWatches();
  }

  /** Ends the watches that are there now. */
  synchronized void endWatches() {
    era++;
    notifyAll();
  }

  /** A watch ends when it is not of this era any more. */
  synchronized int era() {
    return era;
  }

  /** From now on workloads are complete as soon as they are stored. */
  synchronized void rollOut() {
    rollsOut = true;
  }

  /** Sets an object's status, as its controller does. */
  synchronized void report(String collection, String key, Object status) {
    GenericKubernetesResource object = objects.get(collection).get(key);
    object.setAdditionalProperty("status", status);
    store(collection, object);
  }

  synchronized Optional<GenericKubernetesResource> find(String collection, String key) {
    return Optional.ofNullable(ofKind(collection).get(key));
  }

  synchronized List<GenericKubernetesResource> all(String collection) {
    return List.copyOf(ofKind(collection).values());
  }

  /** The page of a List that a request asks for: all pages are of one version. */
  synchronized Reply list(ApiPath path) {
    String[] after = path.query("continue").split("_", 2);
    boolean first = after.length < 2;
    long of = first ? version : Long.parseLong(after[0]);
    NavigableMap<String, GenericKubernetesResource> all =
        first ? ofKind(path.collection()) : snapshots.get(of + path.collection());
    if (all == null) {
      return Reply.failure(410, "the continue token is too old");
    }
    int limit = path.query("limit").isEmpty() ? 1000 : Integer.parseInt(path.query("limit"));
    List<GenericKubernetesResource> items =
        all.tailMap(first ? "" : after[1], false).values().stream()
            .filter(one -> isAsked(path, one) && path.selects(key(one)))
            .limit(limit)
            .toList();
    Map<String, Object> metadata = new HashMap<>();
    metadata.put("resourceVersion", Long.toString(of));
    if (!items.isEmpty() && items.size() == limit && !all.lastKey().equals(key(items.getLast()))) {
      snapshots.putIfAbsent(of + path.collection(), new TreeMap<>(all));
      metadata.put("continue", of + "_" + key(items.getLast()));
    }
    return Reply.of(
        200, Map.of("kind", "List", "apiVersion", "v1", "metadata", metadata, "items", items));
  }

  private static boolean isAsked(ApiPath path, GenericKubernetesResource object) {
    ObjectMeta metadata = object.getMetadata();
    Map<String, String> labels =
        Objects.requireNonNullElse(metadata.getLabels(), Map.<String, String>of());
    String selector = path.query("labelSelector");
    return (path.namespace().isEmpty() || path.namespace().equals(metadata.getNamespace()))
        && (selector.isEmpty()
            || Stream.of(selector.split(",", -1))
                .map(one -> one.split("=", 2))
                .allMatch(one -> one[1].equals(labels.get(one[0]))));
  }

  /** The version of the newest change. */
  synchronized long version() {
    return version;
  }

  /** Whether what came after this version is known. */
  synchronized boolean remembers(long after) {
    return after >= oldest;
  }

  /** What a watch is to be told of the changes after a version. */
  synchronized List<Event> since(long after, ApiPath path) {
    return events.stream()
        .filter(event -> event.version() > after)
        .filter(event -> event.collection().equals(path.collection()))
        .filter(event -> path.selects(event.key()))
        .toList();
  }

  private NavigableMap<String, GenericKubernetesResource> ofKind(String collection) {
    return objects.getOrDefault(collection, new TreeMap<>());
  }

  private static String key(GenericKubernetesResource object) {
    return key(object.getMetadata().getNamespace(), object.getMetadata().getName());
  }

  /** How an object is called in its collection; no or an empty namespace for what has none. */
  static String key(String namespace, String name) {
    return namespace == null || namespace.isEmpty() ? name : namespace + "/" + name;
  }
}
