// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.policy.resource.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The kinds that an API server knows, and which of them are installed. */
final class ServedKinds {
  private record Kind(String apiVersion, String name, boolean namespaced) {}

  private final Map<String, Kind> known = new HashMap<>();
  private final Set<String> installed = new HashSet<>();

  /** The built-in kinds are installed; those that come with a CRD are known. */
  ServedKinds() {
    for (ResourceKind kind : ResourceKind.all()) {
      kind.versions()
          .forEach(version -> know(kind.apiVersion(version), kind.name(), kind.namespaced()));
      if (ServedKind.isBuiltIn(kind)) {
        install(collection(kind.apiVersion("v1"), plural(kind.name())));
      }
    }
    know("gateway.networking.k8s.io/v1", "GatewayClass", false);
    serve("v1", true, "Secret", "ConfigMap", "ServiceAccount", "ResourceQuota");
    serve("apps/v1", true, "Deployment", "DaemonSet");
    serve("autoscaling/v2", true, "HorizontalPodAutoscaler");
    serve("policy/v1", true, "PodDisruptionBudget");
    serve("networking.k8s.io/v1", true, "NetworkPolicy");
    serve("coordination.k8s.io/v1", true, "Lease");
    serve("events.k8s.io/v1", true, "Event");
    serve("certificates.k8s.io/v1", false, "CertificateSigningRequest");
    serve("rbac.authorization.k8s.io/v1", true, "Role", "RoleBinding");
    serve("rbac.authorization.k8s.io/v1", false, "ClusterRole", "ClusterRoleBinding");
    serve("apiextensions.k8s.io/v1", false, "CustomResourceDefinition");
    serve("admissionregistration.k8s.io/v1", false, "ValidatingWebhookConfiguration");
  }

  private void serve(String apiVersion, boolean namespaced, String... kinds) {
    for (String kind : kinds) {
      know(apiVersion, kind, namespaced);
      install(collection(apiVersion, plural(kind)));
    }
  }

  private void know(String apiVersion, String kind, boolean namespaced) {
    known.put(collection(apiVersion, plural(kind)), new Kind(apiVersion, kind, namespaced));
  }

  /** Whether objects of it could be stored. */
  synchronized boolean isKnown(String collection) {
    return known.containsKey(collection);
  }

  synchronized boolean isInstalled(String collection) {
    return installed.contains(collection);
  }

  synchronized boolean isNamespaced(String collection) {
    return known.get(collection).namespaced();
  }

  synchronized void install(String collection) {
    installed.add(collection);
  }

  synchronized void uninstall(String collection) {
    installed.remove(collection);
  }

  /** The APIResourceList of a group's version, or 404 when nothing of it is installed. */
  synchronized Reply discovery(String groupVersion) {
    List<Map<String, Object>> served = new ArrayList<>();
    for (String collection : installed) {
      Kind kind = known.get(collection);
      if (kind.apiVersion().equals(groupVersion)) {
        served.add(resource(plural(kind.name()) + "/status", kind));
        served.add(resource(plural(kind.name()), kind));
      }
    }
    if (served.isEmpty()) {
      return Reply.notFound();
    }
    Map<String, Object> list = new HashMap<>();
    list.put("kind", "APIResourceList");
    list.put("apiVersion", "v1");
    list.put("groupVersion", groupVersion);
    list.put("resources", served);
    return Reply.of(200, list);
  }

  private static Map<String, Object> resource(String name, Kind kind) {
    return Map.of("name", name, "namespaced", kind.namespaced(), "kind", kind.name());
  }

  static String plural(String kind) {
    String name = kind.toLowerCase(Locale.ROOT);
    return name.matches(".*[^aeiou]y")
        ? name.replaceFirst("y$", "ies")
        : name + (name.endsWith("s") ? "es" : "s");
  }

  static String collection(String apiVersion, String plural) {
    return apiVersion + "/" + plural;
  }
}
