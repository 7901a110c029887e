// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.ObjectReading;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceError;
import dev.culvert.policy.resource.ResourceIndex;
import dev.culvert.policy.wire.waypoint.Document;
import dev.culvert.policy.wire.waypoint.Target;
import dev.culvert.policy.yaml.YamlDocuments;
import dev.culvert.policy.yaml.YamlException;
import dev.culvert.policy.yaml.YamlValue;
import dev.culvert.ztunnel.xds.ResourceSink;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The routes and policies that the control plane tells this waypoint, read as those of a folder
 * are. One that cannot be read keeps what it said before; if it said nothing, what it is for is
 * closed, since it could be what protects it. On the xDS thread.
 */
final class ToldResources implements ResourceSink {
  /** As the control plane names what it tells. */
  static final String TYPE_URL = "type.googleapis.com/culvert.waypoint.Document";

  private final Consumer<Told> listener;
  private final NavigableMap<String, Held> held = new TreeMap<>();

  /**
   * All that was told.
   *
   * @param index of what is in force, in the order of its names
   * @param refusals what is closed beside them
   * @param problems what is wrong, in words
   */
  record Told(ResourceIndex index, Refusals refusals, List<String> problems)
      implements dev.culvert.policy.resource.Resources {
    @Override
    public <T extends Resource> Stream<T> resources(Class<T> type) {
      return index.resources(type);
    }

    @Override
    public <T extends Resource> Optional<T> find(Class<T> type, String namespace, String name) {
      return index.find(type, namespace, name);
    }
  }

  /**
   * What is known of one.
   *
   * @param good whether it said so itself; otherwise it may stand in for a policy
   * @param problem of the newest word of it; empty when there is none
   */
  private record Held(
      Optional<Resource> resource,
      boolean good,
      Optional<Refusals.Refusal> refusal,
      Optional<String> problem) {

    static Held good(Resource resource) {
      return new Held(Optional.of(resource), true, Optional.empty(), Optional.empty());
    }

    static Held closed(Resource standIn, String problem) {
      return new Held(
          Optional.of(standIn),
          false,
          Optional.empty(),
          Optional.of(problem + "; it is closed until it is corrected"));
    }

    static Held refused(Refusals.Refusal refusal, String problem) {
      return new Held(
          Optional.empty(),
          false,
          Optional.of(refusal),
          Optional.of(problem + "; what it is for is closed until it is corrected"));
    }

    Held still(String problem) {
      return new Held(
          resource, true, refusal, Optional.of(problem + "; its last good state stays in force"));
    }
  }

  /**
   * @param listener hears of all that was told, after each answer
   */
  ToldResources(Consumer<Told> listener) {
    this.listener = listener;
  }

  @Override
  public List<Rejected> apply(
      List<dev.culvert.policy.wire.discovery.Resource> resources, List<String> removed) {
    List<Rejected> rejected = new ArrayList<>();
    removed.forEach(held::remove);
    for (dev.culvert.policy.wire.discovery.Resource resource : resources) {
      Held next = read(resource);
      held.put(resource.getName(), next);
      next.problem().ifPresent(text -> rejected.add(new Rejected(resource.getName(), text)));
    }
    listener.accept(told());
    return rejected;
  }

  private Told told() {
    List<Refusals.Refusal> refusals =
        held.values().stream().flatMap(one -> one.refusal.stream()).toList();
    List<String> problems = new ArrayList<>();
    held.forEach((name, one) -> one.problem.ifPresent(text -> problems.add(name + ": " + text)));
    return new Told(
        new ResourceIndex(held.values().stream().flatMap(one -> one.resource.stream()).toList()),
        new Refusals(refusals),
        problems);
  }

  private Held read(dev.culvert.policy.wire.discovery.Resource resource) {
    String name = resource.getName();
    Document document;
    try {
      document = resource.getResource().unpack(Document.class);
    } catch (InvalidProtocolBufferException e) {
      return unreadable(name, Optional.empty(), Optional.empty(), e.getMessage());
    }
    Optional<List<Target>> targets = Optional.of(document.getTargetsList());
    try {
      List<YamlValue> documents = YamlDocuments.read(document.getJson());
      if (documents.size() != 1) {
        return unreadable(name, targets, Optional.empty(), "it is not one object");
      }
      ObjectReading read = ObjectReading.of(name, documents.getFirst());
      return read.resource()
          .filter(one -> one.key().toString().equals(name))
          .map(one -> Held.good(known(name, one)))
          .orElseGet(() -> unreadable(name, targets, standIn(read), problem(read)));
    } catch (YamlException e) {
      return unreadable(name, targets, Optional.empty(), e.problem());
    }
  }

  /** The object that is known of that name, if it says the same. */
  private Resource known(String name, Resource told) {
    return Optional.ofNullable(held.get(name))
        .flatMap(Held::resource)
        .filter(told::equals)
        .orElse(told);
  }

  /** What a BackendTLSPolicy is for is known from who told it, and closed by name. */
  private static Optional<Resource> standIn(ObjectReading read) {
    return read.standIn().filter(one -> !(one instanceof BackendTlsPolicyResource));
  }

  private static String problem(ObjectReading read) {
    return read.errors().isEmpty()
        ? "it is of a kind that this waypoint does not know, or not what it is named"
        : read.errors().stream().map(ToldResources::text).collect(Collectors.joining("; "));
  }

  private static String text(ResourceError error) {
    return "%s: %s, %s".formatted(error.field(), error.problem(), error.remedy());
  }

  /**
   * @param targets empty when not even they can be read
   */
  private Held unreadable(
      String name, Optional<List<Target>> targets, Optional<Resource> standIn, String problem) {
    String said = "cannot be read: " + problem;
    Held before = held.get(name);
    if (before != null && before.good) {
      return before.still(said);
    }
    return standIn
        .map(resource -> Held.closed(resource, said))
        .orElseGet(() -> Held.refused(new Refusals.Refusal(name, targets), said));
  }
}
