// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Workload;
import dev.culvert.ztunnel.xds.Workload.Attribution;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The labels of Istio's TCP metrics, in its order; what is missing is {@code unknown}. Equal for
 * all connections between the same two workloads, so that their meters are looked up and not made.
 */
record TrafficLabels(
    Direction direction,
    Security security,
    Party source,
    Party destination,
    String service,
    String serviceNamespace,
    String serviceName) {
  private static final String UNKNOWN = "unknown";

  /** Stands for every name once there are too many. */
  private static final String OVERFLOW = "overflow";

  /** One end. */
  record Party(String workload, String namespace, String principal, Attribution attribution) {
    private static final Attribution NOTHING =
        new Attribution("", "", Workload.WorkloadType.POD, "", "", "", "");

    static final Party OVERFLOW =
        new Party(
            TrafficLabels.OVERFLOW, TrafficLabels.OVERFLOW, TrafficLabels.OVERFLOW, overflowing());

    private static Attribution overflowing() {
      String name = TrafficLabels.OVERFLOW;
      return new Attribution(name, name, Workload.WorkloadType.POD, name, name, name, name);
    }

    static Party of(Optional<Workload> workload, Optional<SpiffeId> identity) {
      return new Party(
          workload.map(w -> w.attribution().workloadName()).orElse(""),
          workload.map(Workload::namespace).orElse(""),
          identity.map(SpiffeId::toString).orElse(""),
          workload.map(Workload::attribution).orElse(NOTHING));
    }
  }

  static TrafficLabels of(ConnectionInfo info) {
    return new TrafficLabels(
        info.direction(),
        info.security(),
        Party.of(info.sourceWorkload(), info.sourceIdentity()),
        Party.of(info.destinationWorkload(), info.destinationIdentity()),
        info.service().map(Service::hostname).orElse(""),
        info.service().map(Service::namespace).orElse(""),
        info.service().map(Service::name).orElse(""));
  }

  /** Those of all connections beyond the limit together. */
  TrafficLabels beyondLimit() {
    return new TrafficLabels(
        direction, security, Party.OVERFLOW, Party.OVERFLOW, OVERFLOW, OVERFLOW, OVERFLOW);
  }

  /** All labels, for a connection that ended with {@code flag}, or is open with none. */
  Tags with(ResponseFlag flag) {
    List<String> pairs = new ArrayList<>(54);
    add(
        pairs,
        "reporter",
        switch (direction) {
          case OUTBOUND -> "source";
          case INBOUND -> "destination";
          case WAYPOINT -> "waypoint";
        });
    addParty(pairs, "source", source);
    add(pairs, "destination_service", service);
    add(pairs, "destination_service_namespace", serviceNamespace);
    add(pairs, "destination_service_name", serviceName);
    addParty(pairs, "destination", destination);
    add(pairs, "request_protocol", "tcp");
    add(pairs, "response_flags", flag.label());
    add(pairs, "connection_security_policy", policy());
    addPlace(pairs, "source", source);
    addPlace(pairs, "destination", destination);
    return Tags.of(pairs.toArray(String[]::new));
  }

  private static void addParty(List<String> pairs, String end, Party party) {
    Attribution attribution = party.attribution();
    add(pairs, end + "_workload", party.workload());
    add(pairs, end + "_canonical_service", attribution.canonicalName());
    add(pairs, end + "_canonical_revision", attribution.canonicalRevision());
    add(pairs, end + "_workload_namespace", party.namespace());
    add(pairs, end + "_principal", party.principal());
    add(pairs, end + "_app", attribution.canonicalName());
    add(pairs, end + "_version", attribution.canonicalRevision());
    add(pairs, end + "_cluster", attribution.clusterId());
  }

  private static void addPlace(List<String> pairs, String end, Party party) {
    add(pairs, end + "_region", party.attribution().region());
    add(pairs, end + "_zone", party.attribution().zone());
  }

  private static void add(List<String> pairs, String name, String value) {
    pairs.add(name);
    pairs.add(value.isEmpty() ? UNKNOWN : value);
  }

  /** Istio knows no third value; what stays on the node is not called encrypted. */
  private String policy() {
    return switch (security) {
      case MUTUAL_TLS -> "mutual_tls";
      case SAME_NODE -> "same_node";
      case NONE -> UNKNOWN;
    };
  }
}
