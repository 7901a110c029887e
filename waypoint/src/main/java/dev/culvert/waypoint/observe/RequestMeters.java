// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Party;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.ztunnel.telemetry.SeriesLimits;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Istio's metrics of requests, by its names and labels. Meters are made once for what requests have
 * in common. What a client can choose (methods, paths, hosts) is in none of them.
 */
final class RequestMeters {
  /**
   * Ends of requests from one source to one destination that are told apart: a backend answers with
   * whatever status it likes, and must not take the room of others.
   */
  private static final int MOST_ENDS = 100;

  private static final int OVERFLOW = -1;

  private static final String UNKNOWN = "unknown";

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

  /**
   * A series, and what the last request that it counted had, told apart by identity. Of its
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
      RequestSeries series) {
    static Known of(Exchange exchange, @Nullable Destination to, RequestSeries series) {
      return new Known(
          to == null ? null : to.hostname(),
          to == null ? null : to.namespace(),
          to == null ? null : to.service(),
          exchange.connection().source(),
          party(exchange),
          exchange.connection().identity().isPresent(),
          exchange.account().status(),
          exchange.account().flag(),
          series);
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
          && !exchange.account().isCall()
          && !series.isRetired();
    }
  }

  private static final int KEPT = 64;

  private final MeterRegistry registry;
  private final SeriesLimits limits;

  /** Threads write over one another, and read what another wrote or something older. */
  private final @Nullable Known[] recent = new Known[KEPT];

  private final Map<Labels, RequestSeries> made = new ConcurrentHashMap<>();

  /** How many ends there are of what is else the same. */
  private final Map<Labels, Integer> ends = new ConcurrentHashMap<>();

  /**
   * @param limits of what requests have in common; beyond them all further ones count as one
   */
  RequestMeters(MeterRegistry registry, SeriesLimits limits) {
    this.registry = registry;
    this.limits = limits;
  }

  /**
   * Counts a request that is over.
   *
   * @param asked the service that was asked for, for those that got to no backend; null when that
   *     is not known
   */
  void count(Exchange exchange, @Nullable Destination asked) {
    // Of those that were forgotten just now the next look makes new ones.
    while (!series(exchange, asked).count(exchange.account())) {
      Thread.onSpinWait();
    }
  }

  /** That of a request like one before is not looked up by all its labels. */
  private RequestSeries series(Exchange exchange, @Nullable Destination asked) {
    Destination sent = exchange.account().destination();
    Destination to = sent == null ? asked : sent;
    int place = Math.floorMod(System.identityHashCode(to) + exchange.account().status(), KEPT);
    Known known = recent[place];
    if (known != null && known.fits(exchange, to)) {
      return known.series;
    }
    RequestSeries series = series(labels(exchange, to));
    if (!exchange.account().isCall()) {
      recent[place] = Known.of(exchange, to, series);
    }
    return series;
  }

  private RequestSeries series(Labels labels) {
    RequestSeries known = made.get(labels);
    if (known == null) {
      known = made.get(bounded(labels));
    }
    return known == null ? make(labels) : known;
  }

  private synchronized RequestSeries make(Labels labels) {
    Labels counted = bounded(labels);
    RequestSeries known = made.get(counted);
    if (known != null) {
      return known;
    }
    RequestSeries anew = new RequestSeries(registry, tags(counted), counted.grpc);
    made.put(counted, anew);
    ends.merge(counted.withoutEnd(), 1, Integer::sum);
    return anew;
  }

  private Labels bounded(Labels labels) {
    if (made.size() >= limits.most()) {
      return Labels.BEYOND;
    }
    Labels withoutEnd = labels.withoutEnd();
    return ends.getOrDefault(withoutEnd, 0) < MOST_ENDS ? labels : withoutEnd;
  }

  /** Drops those that there was no request of for so long. */
  synchronized void forgetIdle() {
    made.forEach(
        (labels, series) -> {
          if (series.retire(limits.idle().toNanos())) {
            // Its meters go first: new ones of the same labels must find their names free.
            series.remove();
            made.remove(labels, series);
            ends.computeIfPresent(labels.withoutEnd(), (_, n) -> n == 1 ? null : n - 1);
          }
        });
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

  private static Tags tags(Labels labels) {
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
    return Tags.of(pairs.toArray(String[]::new));
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
}
