// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What roles of one name allow (rbac.authorization.k8s.io/v1): a ClusterRole everywhere, a Role in
 * its namespace.
 */
record AccessControl(List<GenericKubernetesResource> roles) {

  /** Whether a request may be made. */
  boolean allows(String method, ApiPath path) {
    return path.plural().isEmpty()
        || rules(path.namespace())
            .anyMatch(
                rule ->
                    names(rule, "verbs", verb(method, path))
                        && names(rule, "apiGroups", group(path))
                        && names(rule, "resources", resource(path))
                        && isNamed(
                            rule, path.name().isEmpty() ? path.selectedName() : path.name()));
  }

  /** As the API server tells it. */
  static String refusal(String account, String method, ApiPath path) {
    return "%s cannot %s resource %s in API group \"%s\" in the namespace \"%s\""
        .formatted(account, verb(method, path), resource(path), group(path), path.namespace());
  }

  private Stream<Map<?, ?>> rules(String namespace) {
    return roles.stream()
        .filter(
            role ->
                role.getKind().equals("ClusterRole")
                    || namespace.equals(role.getMetadata().getNamespace()))
        .flatMap(role -> ((List<?>) role.get("rules")).stream())
        .map(rule -> (Map<?, ?>) rule);
  }

  private static boolean names(Map<?, ?> rule, String field, String value) {
    List<?> all = (List<?>) rule.get(field);
    return all.contains("*") || all.contains(value);
  }

  /** What is made has no name that could be held to; a list of one name has it. */
  private static boolean isNamed(Map<?, ?> rule, String name) {
    return !(rule.get("resourceNames") instanceof List<?> names)
        || names.isEmpty()
        || names.contains(name);
  }

  private static String group(ApiPath path) {
    int slash = path.groupVersion().indexOf('/');
    return slash < 0 ? "" : path.groupVersion().substring(0, slash);
  }

  private static String resource(ApiPath path) {
    return path.subresource().isEmpty() ? path.plural() : path.plural() + "/" + path.subresource();
  }

  private static String verb(String method, ApiPath path) {
    return switch (method) {
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> path.name().isEmpty() ? "deletecollection" : "delete";
      default -> path.name().isEmpty() ? readOfAll(path) : "get";
    };
  }

  private static String readOfAll(ApiPath path) {
    return path.query("watch").equals("true") ? "watch" : "list";
  }
}
