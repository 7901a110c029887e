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

/** What waypoints and policies say of themselves in their status. */
final class ConditionReport {
  private static final int NOT_FOUND = 404;
  private static final String WAYPOINT = "culvert-waypoint";
  private static final List<String> POLICIES =
      List.of("AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication");

  private final KubernetesClient client;

  ConditionReport(KubernetesClient client) {
    this.client = client;
  }

  /** Whether no condition is False. */
  boolean print(PrintWriter out) {
    Table waypoints = new Table("WAYPOINT", "PROGRAMMED", "MESSAGE");
    boolean good = true;
    for (GenericKubernetesResource gateway : all("gateway.networking.k8s.io", "v1", "Gateway")) {
      if (WAYPOINT.equals(gateway.get("spec", "gatewayClassName"))) {
        Optional<Map<String, Object>> programmed =
            conditions(gateway).stream()
                .filter(c -> "Programmed".equals(c.get("type")))
                .findFirst();
        String status = programmed.map(c -> text(c, "status")).orElse("Unknown");
        waypoints.row(name(gateway), status, programmed.map(c -> text(c, "message")).orElse(""));
        good &= status.equals("True");
      }
    }
    waypoints.print(out);
    Table errors = new Table("POLICY", "CONDITION", "MESSAGE");
    for (String kind : POLICIES) {
      for (GenericKubernetesResource policy : all("policy.culvert.dev", "v1alpha1", kind)) {
        for (Map<String, Object> condition : conditions(policy)) {
          if ("False".equals(condition.get("status"))) {
            errors.row(
                kind + " " + name(policy),
                text(condition, "type") + "=False " + text(condition, "reason"),
                text(condition, "message"));
            good = false;
          }
        }
      }
    }
    errors.print(out);
    return good;
  }

  private List<GenericKubernetesResource> all(String group, String version, String kind) {
    ResourceDefinitionContext context =
        new ResourceDefinitionContext.Builder()
            .withGroup(group)
            .withVersion(version)
            .withKind(kind)
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

  @SuppressWarnings("unchecked") // as Kubernetes has conditions
  private static List<Map<String, Object>> conditions(GenericKubernetesResource object) {
    Object conditions = object.get("status", "conditions");
    return conditions instanceof List<?> list ? (List<Map<String, Object>>) list : List.of();
  }

  private static String text(Map<String, Object> condition, String key) {
    return String.valueOf(condition.getOrDefault(key, ""));
  }

  private static String name(GenericKubernetesResource object) {
    return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
  }
}
