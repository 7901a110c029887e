// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.traffic.ConnectionLimits;
import dev.culvert.policy.traffic.OutlierDetection;
import dev.culvert.policy.traffic.ProxyProtocol;
import dev.culvert.policy.traffic.RateLimit;
import dev.culvert.policy.traffic.RetryOn;
import dev.culvert.policy.traffic.RetryPolicy;
import dev.culvert.policy.traffic.Traffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads and checks TrafficPolicy. */
final class TrafficPolicyReader {
  private static final int MOST = 1_000_000;
  private static final Map<String, RetryOn> RETRY_WORDS = new TreeMap<>(RetryOn.words());

  /** Istio's. */
  private static final Set<RetryOn> RETRY_STANDARD =
      Set.of(
          RetryOn.CONNECT_FAILURE, RetryOn.REFUSED_STREAM, RetryOn.UNAVAILABLE, RetryOn.CANCELLED);

  private static final Set<String> KINDS =
      Set.of(
          "/Service",
          "gateway.networking.k8s.io/Gateway",
          "gateway.networking.k8s.io/HTTPRoute",
          "gateway.networking.k8s.io/GRPCRoute");
  private static final List<String> OF_SERVICES =
      List.of("loadBalancing", "connections", "outlierDetection", "healthCheck");

  /** What a route may say too; it goes before what its Services say. */
  private static final List<String> OF_REQUESTS = List.of("retries", "faults", "rateLimit");

  private TrafficPolicyReader() {}

  static TrafficPolicy read(ObjectMeta metadata, ObjectReader object) {
    object.know("status");
    ObjectReader spec = object.object("spec");
    List<TargetRef> targets = targets(spec, metadata.namespace());
    ObjectReader proxyProtocol = spec.object("proxyProtocol");
    TrafficPolicy policy =
        new TrafficPolicy(
            metadata,
            targets,
            traffic(spec, proxyProtocol),
            proxyProtocol.parsedItems("acceptFrom", IpBlock::parse));
    check(policy, spec, proxyProtocol);
    return policy;
  }

  private static Traffic traffic(ObjectReader spec, ObjectReader proxyProtocol) {
    return new Traffic(
        LoadBalancingReader.read(spec.object("loadBalancing")),
        connections(spec.object("connections")),
        optional(spec, "outlierDetection").map(TrafficPolicyReader::outliers),
        optional(spec, "healthCheck").flatMap(HealthCheckReader::read),
        optional(spec, "retries").map(TrafficPolicyReader::retries),
        FaultsReader.read(spec.object("faults")),
        optional(spec, "rateLimit").map(TrafficPolicyReader::rateLimit),
        proxyProtocol.choice("send", ProxyProtocol.class));
  }

  private static Optional<ObjectReader> optional(ObjectReader spec, String name) {
    return spec.has(name) ? Optional.of(spec.object(name)) : Optional.empty();
  }

  private static List<TargetRef> targets(ObjectReader spec, String namespace) {
    spec.require("targetRefs", "name the Services, routes or Gateways that it is for");
    List<TargetRef> targets = new ArrayList<>();
    for (ObjectReader ref : spec.objects("targetRefs")) {
      TargetRef target = PolicyTargets.target(ref, namespace);
      String kind = target.group() + "/" + target.kind();
      if (ref.has("kind") && !KINDS.contains(kind)) {
        ref.error(
            "kind",
            "'%s' is not what it can be for".formatted(target.kind()),
            "name a Service, or a Gateway, HTTPRoute or GRPCRoute with its group");
      }
      String section = ref.text("sectionName", "");
      if (!target.kind().equals("Gateway") && !section.isEmpty()) {
        ref.error("sectionName", "it is a listener's, of a Gateway", "remove it");
      }
      targets.add(new TargetRef(target.group(), target.kind(), target.name(), section));
    }
    return targets;
  }

  /** What is for Services has no meaning for Gateways, and the other way round. */
  private static void check(TrafficPolicy policy, ObjectReader spec, ObjectReader proxyProtocol) {
    if (Stream.of(policy.isForServices(), policy.isForRoutes(), policy.isForGateways())
            .filter(one -> one)
            .count()
        > 1) {
      spec.error(
          "targetRefs",
          "Services, routes and Gateways are told of different things",
          "write a policy for each");
    }
    if (policy.isForGateways()) {
      checkGateways(spec, proxyProtocol);
      return;
    }
    refuse(proxyProtocol, "acceptFrom", "it is for listeners of Gateways", "name a Gateway");
    if (policy.isForRoutes()) {
      refuse(spec, OF_SERVICES);
      refuse(proxyProtocol, "send", "it is for Services", "name the Services");
    } else if (spec.has("proxyProtocol") && !proxyProtocol.has("acceptFrom")) {
      proxyProtocol.require("send", "write V1 or V2");
    }
  }

  private static void checkGateways(ObjectReader spec, ObjectReader proxyProtocol) {
    refuse(proxyProtocol, "send", "it is for Services", "name the Services");
    refuse(spec, OF_SERVICES);
    refuse(spec, OF_REQUESTS);
    if (proxyProtocol.isAbsentOrEmpty("acceptFrom")) {
      spec.error(
          "proxyProtocol",
          "nothing is said of the Gateway's connections",
          "add acceptFrom with the addresses of its load balancers");
    }
  }

  private static void refuse(ObjectReader spec, List<String> sections) {
    sections.forEach(
        one -> refuse(spec, one, "it is for Services", "write a policy for the Services"));
  }

  private static void refuse(ObjectReader owner, String field, String problem, String remedy) {
    if (owner.has(field)) {
      owner.error(field, problem, remedy);
    }
  }

  private static ConnectionLimits connections(ObjectReader limits) {
    return new ConnectionLimits(
        most(limits, "maxConnections"),
        most(limits, "maxPendingRequests"),
        most(limits, "maxRequests"),
        most(limits, "maxRequestsPerConnection"),
        limits.parsed("connectTimeout", TimeSpans::positive),
        limits.parsed("idleTimeout", TimeSpans::positive));
  }

  private static int most(ObjectReader limits, String name) {
    return limits.integer(name, ConnectionLimits.UNLIMITED, 1, MOST);
  }

  private static OutlierDetection outliers(ObjectReader outliers) {
    Duration base =
        outliers.parsed("baseEjectionTime", TimeSpans::positive).orElse(Duration.ofSeconds(30));
    OutlierDetection read =
        new OutlierDetection(
            outliers.integer("consecutive5xxErrors", 5, 0, MOST),
            outliers.integer("consecutiveGatewayErrors", 0, 0, MOST),
            outliers.parsed("interval", TimeSpans::positive).orElse(Duration.ofSeconds(10)),
            base,
            outliers.parsed("maxEjectionTime", TimeSpans::positive).orElse(Duration.ofMinutes(5)),
            outliers.integer("maxEjectionPercent", 10, 0, 100));
    if (read.maxEjectionTime().compareTo(base) < 0) {
      outliers.error(
          "maxEjectionTime", "it is shorter than baseEjectionTime", "make it longer or remove it");
    }
    if (read.consecutive5xxErrors() == 0 && read.consecutiveGatewayErrors() == 0) {
      outliers.error(
          "consecutive5xxErrors", "nothing is counted", "write 1 or more, or remove the section");
    }
    return read;
  }

  private static RateLimit rateLimit(ObjectReader limit) {
    limit.require("requests", "write how many requests may go");
    int requests = limit.integer("requests", 1, 1, MOST);
    return new RateLimit(
        requests,
        limit.parsed("per", TimeSpans::positive).orElse(Duration.ofSeconds(1)),
        limit.integer("burst", requests, 1, MOST));
  }

  private static RetryPolicy retries(ObjectReader retries) {
    Set<RetryOn> on =
        new HashSet<>(retries.parsedItems("retryOn", text -> Words.chosen(text, RETRY_WORDS)));
    Set<Integer> statuses = new HashSet<>(retries.integers("statuses", 400, 599));
    ObjectReader backoff = retries.object("backoff");
    Duration base =
        backoff.parsed("baseInterval", TimeSpans::positive).orElse(Duration.ofMillis(25));
    Duration most =
        backoff.parsed("maxInterval", TimeSpans::positive).orElse(base.multipliedBy(10));
    if (most.compareTo(base) < 0) {
      backoff.error("maxInterval", "it is shorter than baseInterval", "make it longer");
    }
    ObjectReader budget = retries.object("budget");
    return new RetryPolicy(
        retries.integer("attempts", 2, 0, 10),
        retries.parsed("perTryTimeout", TimeSpans::positive),
        on.isEmpty() && statuses.isEmpty() ? RETRY_STANDARD : on,
        statuses,
        base,
        most,
        budget.integer("percent", 20, 0, 100),
        budget.integer("minConcurrent", 3, 0, MOST));
  }
}
