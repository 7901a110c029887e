// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.admission;

import dev.culvert.controlplane.source.kubernetes.ObjectTree;
import dev.culvert.controlplane.source.kubernetes.Sightings;
import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.verdict.Said;
import dev.culvert.controlplane.verdict.Statuses;
import dev.culvert.controlplane.verdict.Verdicts;
import dev.culvert.policy.resource.ObjectReading;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Decides on objects before they are stored: by the reading and the verdicts that their status
 * comes from. Thread-safe.
 */
public final class Admission {
  /** Of these one that cannot be read is ours to refuse; routes may be for somebody else. */
  private static final Set<String> REFUSED =
      Set.of(
          "AuthorizationPolicy",
          "PeerAuthentication",
          "RequestAuthentication",
          "TrafficPolicy",
          "BackendTLSPolicy",
          "Gateway",
          "ListenerSet");

  private final BiFunction<String, ObjectReading, Said> preview;
  private final Statement statement;

  /** Tells what the status of an object would say. */
  @FunctionalInterface
  public interface Statement {
    /**
     * All conditions that would be ours.
     *
     * @param said what is said of the object
     */
    List<Condition> of(ResourceKind kind, GenericKubernetesResource object, Said said);
  }

  /**
   * @param preview what would be said of an object, by what it is called and how it reads
   */
  public Admission(BiFunction<String, ObjectReading, Said> preview, Statement statement) {
    this.preview = preview;
    this.statement = statement;
  }

  Answer decide(Review review) {
    return review.kind().map(kind -> decide(kind, review)).orElse(Answer.allowed(List.of()));
  }

  private Answer decide(ResourceKind kind, Review review) {
    GenericKubernetesResource object = review.object();
    String origin =
        Sightings.origin(
            kind,
            new ResourceKey(
                kind.name(),
                kind.namespaced() ? object.getMetadata().getNamespace() : "",
                object.getMetadata().getName()));
    ObjectReading reading = ObjectReading.of(origin, ObjectTree.of(object));
    List<Condition> bad =
        statement.of(kind, object, preview.apply(origin, reading)).stream()
            .filter(Verdicts::isNews)
            .distinct()
            .toList();
    boolean unread = !reading.errors().isEmpty() && REFUSED.contains(kind.name());
    // A Gateway, ListenerSet or BackendTLSPolicy of which nothing is said is somebody else's.
    return unread && !bad.isEmpty() && !review.specStays()
        ? Answer.refused(Statuses.text(reading.errors()))
        : Answer.allowed(bad.stream().map(Admission::warning).toList());
  }

  private static String warning(Condition condition) {
    return "%s %s (%s): %s"
        .formatted(condition.type(), condition.status(), condition.reason(), condition.message());
  }
}
