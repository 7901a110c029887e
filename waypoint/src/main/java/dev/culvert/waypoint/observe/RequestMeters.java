// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Party;
import dev.culvert.waypoint.plan.Target;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Istio's metrics of requests, by its names and labels. Meters are made once for what requests have
 * in common. What a client can choose (methods, paths, hosts) is in none of them.
 */
final class RequestMeters {
  /** Series are for ever: beyond so many, all further ones count as one. */
  private static final int MOST = 10_000;

  /**
   * Ends of requests from one source to one destination that are told apart: a backend answers with
   * whatever status it likes, and must not take the room of others.
   */
  private static final int MOST_ENDS = 100;

  private static final int OVERFLOW = -1;

  private static final String UNKNOWN = "unknown";

  /** Istio's, from half a millisecond to an hour. */
  private static final double[] MILLIS = {
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000,
    600_000, 1_800_000, 3_600_000
  };

  private static final double[] BYTES = {
    1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000,
    1_800_000, 3_600_000
  };

  private record Labels(
      String service,
      String namespace,
      String name,
      Party source,
      Party destination,
      boolean secure,
      boolean grpc,
      String grpcStatus,
      int status,
      ResponseFlag flag) {
    static final Labels BEYOND =
        new Labels(
            "overflow",
            "overflow",
            "overflow",
            Party.OVERFLOW,
            Party.OVERFLOW,
            false,
            false,
            "",
            OVERFLOW,
            ResponseFlag.NONE);

    /** The same, however it ended. */
    Labels withoutEnd() {
      return new Labels(
          service,
          namespace,
          name,
          source,
          destination,
          secure,
          grpc,
          "",
          OVERFLOW,
          ResponseFlag.NONE);
    }
  }

  private record Meters(
      Counter requests,
      DistributionSummary duration,
      DistributionSummary received,
      DistributionSummary sent) {}

  /**
   * Meters, and what the last request that they counted had, told apart by identity. Of its
   * destination only the names, as that has endpoints which must not be kept.
   */
  private record Known(
      @Nullable String service,
      @Nullable String namespace,
      @Nullable String name,
      Party source,
      Party destination,
      boolean secure,
      int status,
      ResponseFlag flag,
      Meters meters) {
    static Known of(Exchange exchange, @Nullable Destination to, Meters meters) {
      return new Known(
          to == null ? null : to.hostname(),
          to == null ? null : to.namespace(),
          to == null ? null : to.service(),
          exchange.connection().source(),
          party(exchange),
          exchange.connection().identity().isPresent(),
          exchange.account().status(),
          exchange.account().flag(),
          meters);
    }

    @SuppressWarnings("ReferenceEquality") // others are looked up by what is in them
    boolean fits(Exchange exchange, @Nullable Destination to) {
      return (to == null
              ? service == null
              : to.hostname() == service && to.namespace() == namespace && to.service() == name)
          && exchange.connection().source() == source
          && party(exchange) == destination
          && exchange.connection().identity().isPresent() == secure
          && exchange.account().status() == status
          && exchange.account().flag() == flag
          && !exchange.account().isCall();
    }
  }

  private static final int KEPT = 64;

  private final MeterRegistry registry;

  /** Threads write over one another, and read what another wrote or something older. */
  private final @Nullable Known[] recent = new Known[KEPT];

  private final Map<Labels, Meters> made = new ConcurrentHashMap<>();
  private final Map<Labels, AtomicInteger> ends = new ConcurrentHashMap<>();

  RequestMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Counts a request that is over.
   *
   * @param asked the service that was asked for, for those that got to no backend; null when that
   *     is not known
   */
  void count(Exchange exchange, @Nullable Destination asked) {
    Meters meters = meters(exchange, asked);
    meters.requests.increment();
    meters.duration.record(exchange.account().nanos() / (double) TimeUnit.MILLISECONDS.toNanos(1));
    meters.received.record((double) exchange.account().requestBytes());
    meters.sent.record((double) exchange.account().responseBytes());
  }

  /** Those of a request like one before are not looked up by all their labels. */
  private Meters meters(Exchange exchange, @Nullable Destination asked) {
    Destination sent = exchange.account().destination();
    Destination to = sent == null ? asked : sent;
    int place = Math.floorMod(System.identityHashCode(to) + exchange.account().status(), KEPT);
    Known known = recent[place];
    if (known != null && known.fits(exchange, to)) {
      return known.meters;
    }
    Labels labels = labels(exchange, to);
    Meters meters = made.get(labels);
    if (meters == null) {
      meters = made.computeIfAbsent(bounded(labels), this::make);
    }
    if (!exchange.account().isCall()) {
      recent[place] = Known.of(exchange, to, meters);
    }
    return meters;
  }

  private Labels bounded(Labels labels) {
    if (made.size() >= MOST) {
      return Labels.BEYOND;
    }
    Labels withoutEnd = labels.withoutEnd();
    AtomicInteger known = ends.computeIfAbsent(withoutEnd, _ -> new AtomicInteger());
    return known.get() < MOST_ENDS && known.incrementAndGet() <= MOST_ENDS ? labels : withoutEnd;
  }

  private static Party party(Exchange exchange) {
    Target target = exchange.account().target();
    return target == null ? Party.UNKNOWN : target.party();
  }

  private static Labels labels(Exchange exchange, @Nullable Destination to) {
    return new Labels(
        to == null ? UNKNOWN : to.hostname(),
        to == null ? UNKNOWN : to.namespace(),
        to == null ? UNKNOWN : to.service(),
        exchange.connection().source(),
        party(exchange),
        exchange.connection().identity().isPresent(),
        exchange.account().isCall(),
        GrpcStatus.of(exchange),
        exchange.account().status(),
        exchange.account().flag());
  }

  private Meters make(Labels labels) {
    List<String> pairs = new ArrayList<>(48);
    add(pairs, "reporter", "waypoint");
    addParty(pairs, "source", labels.source);
    add(pairs, "destination_service", labels.service);
    add(pairs, "destination_service_namespace", labels.namespace);
    add(pairs, "destination_service_name", labels.name);
    addParty(pairs, "destination", labels.destination);
    add(pairs, "request_protocol", labels.grpc ? "grpc" : "http");
    add(
        pairs,
        "response_code",
        labels.status == OVERFLOW ? "overflow" : Integer.toString(labels.status));
    add(pairs, "grpc_response_status", labels.grpcStatus);
    add(pairs, "response_flags", labels.flag.label());
    add(pairs, "connection_security_policy", labels.secure ? "mutual_tls" : UNKNOWN);
    Tags tags = Tags.of(pairs.toArray(String[]::new));
    return new Meters(
        Counter.builder("istio_requests").tags(tags).register(registry),
        summary("istio_request_duration_milliseconds", tags, MILLIS),
        summary("istio_request_bytes", tags, BYTES),
        summary("istio_response_bytes", tags, BYTES));
  }

  private static void addParty(List<String> pairs, String end, Party party) {
    add(pairs, end + "_workload", party.workload());
    add(pairs, end + "_canonical_service", party.canonicalService());
    add(pairs, end + "_canonical_revision", party.canonicalRevision());
    add(pairs, end + "_workload_namespace", party.namespace());
    add(pairs, end + "_principal", party.principal());
    add(pairs, end + "_app", party.canonicalService());
    add(pairs, end + "_version", party.canonicalRevision());
    add(pairs, end + "_cluster", party.cluster());
  }

  private static void add(List<String> pairs, String name, String value) {
    pairs.add(name);
    pairs.add(value);
  }

  private DistributionSummary summary(String name, Tags tags, double[] buckets) {
    return DistributionSummary.builder(name)
        .tags(tags)
        .serviceLevelObjectives(buckets)
        .register(registry);
  }
}
