// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import dev.culvert.controlplane.status.StatusWriter;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ResourceKind;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An object as the API server has it, as far as its status is concerned.
 *
 * @param slim with what a write of its status needs to know of it, and no more
 * @param parents a route's {@code parentRefs} as they are written, or a ListenerSet's {@code
 *     parentRef}
 * @param className a Gateway's class; empty for what has none
 * @param others types of conditions that somebody else wrote last
 */
record SeenObject(
    ResourceKind kind,
    ResourceKey key,
    ResourceDefinitionContext served,
    GenericKubernetesResource slim,
    List<Map<String, Object>> parents,
    String className,
    Set<String> others) {
  private static final List<String> KEPT =
      List.of("conditions", "parents", "ancestors", "listeners", "attachedListenerSets");
  private static final String TYPE_KEY = "k:{\"type\":\"";

  /** Which it is. */
  record Id(ResourceKind kind, ResourceKey key) {}

  Id id() {
    return new Id(kind, key);
  }

  static SeenObject of(
      ResourceKind kind,
      ResourceKey key,
      ResourceDefinitionContext served,
      GenericKubernetesResource object) {
    Object className = object.get("spec", "gatewayClassName");
    return new SeenObject(
        kind,
        key,
        served,
        slim(object),
        parents(object),
        className == null ? "" : className.toString(),
        others(object));
  }

  /** One that is not there, or not as it is. */
  static SeenObject unstored(ResourceKind kind, GenericKubernetesResource object) {
    ObjectMeta metadata = object.getMetadata();
    String namespace = kind.namespaced() ? metadata.getNamespace() : "";
    ResourceDefinitionContext unserved =
        new ResourceDefinitionContext.Builder().withKind(kind.name()).build();
    return of(kind, new ResourceKey(kind.name(), namespace, metadata.getName()), unserved, object);
  }

  private static GenericKubernetesResource slim(GenericKubernetesResource object) {
    ObjectMeta metadata = object.getMetadata();
    GenericKubernetesResource slim = new GenericKubernetesResource();
    slim.setApiVersion(object.getApiVersion());
    slim.setKind(object.getKind());
    slim.setMetadata(
        new ObjectMetaBuilder()
            .withName(metadata.getName())
            .withNamespace(metadata.getNamespace())
            .withUid(metadata.getUid())
            .withResourceVersion(metadata.getResourceVersion())
            .withGeneration(metadata.getGeneration())
            .build());
    Map<String, Object> status = new HashMap<>();
    if (object.getAdditionalProperties().get("status") instanceof Map<?, ?> all) {
      KEPT.stream().filter(all::containsKey).forEach(field -> status.put(field, all.get(field)));
    }
    slim.setAdditionalProperty("status", status);
    return slim;
  }

  @SuppressWarnings("unchecked") // as the CRD has them
  private static List<Map<String, Object>> parents(GenericKubernetesResource object) {
    if (object.get("spec", "parentRef") instanceof Map<?, ?> one) {
      return List.of((Map<String, Object>) one);
    }
    return object.get("spec", "parentRefs") instanceof List<?> list
        ? (List<Map<String, Object>>) List.copyOf(list)
        : List.of();
  }

  private static Set<String> others(GenericKubernetesResource object) {
    Set<String> types = new HashSet<>();
    List<ManagedFieldsEntry> entries = object.getMetadata().getManagedFields();
    if (entries != null) {
      entries.stream()
          .filter(entry -> !StatusWriter.MANAGER.equals(entry.getManager()))
          .map(ManagedFieldsEntry::getFieldsV1)
          .forEach(fields -> addTypes(fields, types));
    }
    return Set.copyOf(types);
  }

  private static void addTypes(FieldsV1 fields, Set<String> types) {
    if (fields != null
        && fields.getAdditionalProperties().get("f:status") instanceof Map<?, ?> status
        && status.get("f:conditions") instanceof Map<?, ?> conditions) {
      conditions.keySet().stream()
          .map(String::valueOf)
          .filter(name -> name.startsWith(TYPE_KEY))
          .map(name -> name.substring(TYPE_KEY.length(), name.lastIndexOf('"')))
          .forEach(types::add);
    }
  }
}
