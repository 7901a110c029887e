// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.ztunnel.telemetry.KnownFields;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** What a rule of a route does with its requests. */
public final class RoutePlan {
  private final String name;
  private final KnownFields fields;
  private final Weighted[] backends;
  private final long[] upTo;
  private final long total;
  private final Timeouts timeouts;
  private final Retries retries;
  private final List<Mirror> mirrors;
  private final Optional<Sessions> sessions;
  private final RouteTreatment treatment;
  private final boolean treats;

  /**
   * A destination with its share.
   *
   * @param weight 0 takes nothing
   * @param filters of what goes there and comes from there
   */
  public record Weighted(Destination destination, int weight, BackendFilters filters) {
    /** One whose requests go on as they are. */
    public Weighted(Destination destination, int weight) {
      this(destination, weight, BackendFilters.NONE);
    }
  }

  /**
   * One without mirrors.
   *
   * @param name as the access log writes it
   * @param backends none makes every request fail with 500
   */
  public RoutePlan(String name, List<Weighted> backends, Timeouts timeouts, Retries retries) {
    this(name, backends, timeouts, retries, List.of(), Optional.empty(), RouteTreatment.NONE);
  }

  /**
   * @param name as the access log writes it
   * @param backends none makes every request fail with 500
   * @param mirrors each gets copies
   * @param sessions empty when a client's requests go anywhere
   * @param treatment what becomes of its requests whatever their destination says
   */
  public RoutePlan(
      String name,
      List<Weighted> backends,
      Timeouts timeouts,
      Retries retries,
      List<Mirror> mirrors,
      Optional<Sessions> sessions,
      RouteTreatment treatment) {
    this.sessions = sessions;
    this.treatment = treatment;
    this.treats = !treatment.equals(RouteTreatment.NONE);
    this.name = name;
    this.fields = new KnownFields(to -> to.text("route", name));
    this.mirrors = List.copyOf(mirrors);
    List<Weighted> taking = backends.stream().filter(backend -> backend.weight > 0).toList();
    this.backends = taking.toArray(Weighted[]::new);
    this.upTo = new long[taking.size()];
    long sum = 0;
    for (int i = 0; i < upTo.length; i++) {
      sum += taking.get(i).weight;
      upTo[i] = sum;
    }
    this.total = sum;
    this.timeouts = timeouts;
    this.retries = retries;
  }

  /** As the access log writes it. */
  public String name() {
    return name;
  }

  /** What the access log says of it. */
  public KnownFields fields() {
    return fields;
  }

  /** How long its requests may take. */
  public Timeouts timeouts() {
    return timeouts;
  }

  /** When they are sent again. */
  public Retries retries() {
    return retries;
  }

  /** Who gets copies of its requests. */
  public List<Mirror> mirrors() {
    return mirrors;
  }

  /** What becomes of those of its requests that go to a destination. */
  public Treatment treatment(Destination destination) {
    return treats ? treatment.over(destination.treatment()) : destination.treatment();
  }

  /** Where a client's requests go on; empty when they go anywhere. */
  public Optional<Sessions> sessions() {
    return sessions;
  }

  /** The backend of a session, or null when it takes no requests any more. */
  public @Nullable Weighted find(long id) {
    for (Weighted backend : backends) {
      if (backend.destination().id() == id) {
        return backend;
      }
    }
    return null;
  }

  /** A backend by weight, or null when none takes requests. */
  public @Nullable Weighted draw() {
    if (backends.length <= 1) {
      return backends.length == 0 ? null : backends[0];
    }
    long drawn = ThreadLocalRandom.current().nextLong(total);
    int i = 0;
    while (drawn >= upTo[i]) {
      i++;
    }
    return backends[i];
  }
}
