// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.source;

import dev.culvert.policy.resource.PodResource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Objects as documents of a folder would have them, and only what enrolment looks at: a pod whose
 * conditions change has the same text. The annotation that names a network namespace is the lab's;
 * in a cluster, where who writes a pod may be anybody, it is left out.
 */
final class ObjectText {
  private ObjectText() {}

  static String of(Namespace namespace) {
    return text("Namespace", namespace.getMetadata(), Map.of());
  }

  static String of(Pod pod) {
    Map<String, Object> spec = new LinkedHashMap<>();
    put(spec, "nodeName", pod.getSpec().getNodeName());
    put(spec, "serviceAccountName", pod.getSpec().getServiceAccountName());
    put(spec, "hostNetwork", pod.getSpec().getHostNetwork());
    Map<String, Object> status = new LinkedHashMap<>();
    if (pod.getStatus() != null) {
      put(status, "phase", pod.getStatus().getPhase());
      put(status, "podIP", pod.getStatus().getPodIP());
      put(status, "podIPs", pod.getStatus().getPodIPs());
    }
    return text("Pod", pod.getMetadata(), Map.of("spec", spec, "status", status));
  }

  private static String text(String kind, ObjectMeta meta, Map<String, Object> more) {
    Map<String, Object> document = new TreeMap<>(more);
    document.put("apiVersion", "v1");
    document.put("kind", kind);
    document.put("metadata", metadata(meta));
    return Serialization.asJson(document);
  }

  private static Map<String, Object> metadata(ObjectMeta meta) {
    Map<String, Object> fields = new LinkedHashMap<>();
    put(fields, "name", meta.getName());
    put(fields, "namespace", meta.getNamespace());
    put(fields, "uid", meta.getUid());
    put(fields, "labels", meta.getLabels());
    Map<String, String> annotations = new HashMap<>();
    if (meta.getAnnotations() != null) {
      annotations.putAll(meta.getAnnotations());
    }
    annotations.remove(PodResource.NETNS_ANNOTATION);
    put(fields, "annotations", new TreeMap<>(annotations));
    put(fields, "creationTimestamp", meta.getCreationTimestamp());
    put(fields, "deletionTimestamp", meta.getDeletionTimestamp());
    return fields;
  }

  private static void put(Map<String, Object> fields, String name, Object value) {
    if (value != null) {
      fields.put(name, value);
    }
  }
}
