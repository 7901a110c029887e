// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.status;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What waypoints, policies, routes and services say of themselves in their status. */
final class ConditionReport {
  private static final int NOT_FOUND = 404;
  private static final String WAYPOINT = "culvert-waypoint";
  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  /** How our controllers begin, in the entries of a route's parents. */
  private static final String CONTROLLERS = "culvert.dev/";

  private static final String PARTLY = "PartiallyInvalid";
  private static final Set<String> TYPES =
      Set.of("Accepted", "ResolvedRefs", "WaypointBound", "istio.io/WaypointBound", PARTLY);
  private static final List<Kind> KINDS =
      Stream.concat(
              Stream.of("AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication")
                  .flatMap(
                      policy ->
                          Stream.of(
                              new Kind("policy.culvert.dev", "v1alpha1", policy),
                              new Kind("security.istio.io", "v1", policy))),
              Stream.of(
                  new Kind(GATEWAY_API, "v1", "HTTPRoute"),
                  new Kind(GATEWAY_API, "v1", "GRPCRoute"),
                  new Kind("", "v1", "Service"),
                  new Kind("networking.istio.io", "v1", "ServiceEntry")))
          .toList();

  private final KubernetesClient client;

  private record Kind(String group, String version, String name) {}

  ConditionReport(KubernetesClient client) {
    this.client = client;
  }

  /** Whether no condition is False; what is invalid in a part is shown and no fault. */
  boolean print(PrintWriter out) {
    boolean good = printWaypoints(out);
    Table bad = new Table("OBJECT", "CONDITION", "MESSAGE");
    for (Kind kind : KINDS) {
      for (GenericKubernetesResource object : all(kind)) {
        for (Map<String, Object> condition : said(object).filter(ConditionReport::isBad).toList()) {
          bad.row(
              kind.name() + " " + name(object),
              "%s=%s %s"
                  .formatted(
                      text(condition, "type"),
                      text(condition, "status"),
                      text(condition, "reason")),
              text(condition, "message"));
          good &= PARTLY.equals(condition.get("type"));
        }
      }
    }
    bad.print(out);
    return good;
  }

  private boolean printWaypoints(PrintWriter out) {
    Table waypoints = new Table("WAYPOINT", "PROGRAMMED", "MESSAGE");
    boolean good = true;
    for (GenericKubernetesResource gateway : all(new Kind(GATEWAY_API, "v1", "Gateway"))) {
      if (WAYPOINT.equals(gateway.get("spec", "gatewayClassName"))) {
        Optional<Map<String, Object>> programmed =
            maps(gateway.get("status", "conditions"))
                .filter(c -> "Programmed".equals(c.get("type")))
                .findFirst();
        String status = programmed.map(c -> text(c, "status")).orElse("Unknown");
        waypoints.row(name(gateway), status, programmed.map(c -> text(c, "message")).orElse(""));
        good &= status.equals("True");
      }
    }
    waypoints.print(out);
    return good;
  }

  private List<GenericKubernetesResource> all(Kind kind) {
    ResourceDefinitionContext context =
        new ResourceDefinitionContext.Builder()
            .withGroup(kind.group())
            .withVersion(kind.version())
            .withKind(kind.name())
            .withNamespaced(true)
            .build();
    try {
      return client.genericKubernetesResources(context).inAnyNamespace().list().getItems();
    } catch (KubernetesClientException e) {
      if (e.getCode() == NOT_FOUND) {
        return List.of(); // the kind is not installed
      }
      throw e;
    }
  }

  /** Of the whole, and of each parent of a route that is ours to judge. */
  private static Stream<Map<String, Object>> said(GenericKubernetesResource object) {
    Stream<Map<String, Object>> ofParents =
        maps(object.get("status", "parents"))
            .filter(one -> text(one, "controllerName").startsWith(CONTROLLERS))
            .flatMap(one -> maps(one.get("conditions")));
    return Stream.concat(maps(object.get("status", "conditions")), ofParents)
        .filter(condition -> TYPES.contains(condition.get("type")));
  }

  private static boolean isBad(Map<String, Object> condition) {
    String bad = PARTLY.equals(condition.get("type")) ? "True" : "False";
    return bad.equals(condition.get("status"));
  }

  @SuppressWarnings("unchecked") // objects of JSON
  private static Stream<Map<String, Object>> maps(Object list) {
    return list instanceof List<?> all
        ? all.stream().filter(Map.class::isInstance).map(one -> (Map<String, Object>) one)
        : Stream.empty();
  }

  private static String text(Map<String, Object> json, String key) {
    return String.valueOf(json.getOrDefault(key, ""));
  }

  private static String name(GenericKubernetesResource object) {
    return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
  }
}
