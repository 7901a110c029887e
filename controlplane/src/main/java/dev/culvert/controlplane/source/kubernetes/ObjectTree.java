// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.policy.yaml.ScalarType;
import dev.culvert.policy.yaml.YamlValue;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Objects of the API server in the form that documents of files have. Line 0 stands for none. */
public final class ObjectTree {
  private ObjectTree() {}

  /** The same object as a document. */
  public static YamlValue of(GenericKubernetesResource object) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("apiVersion", object.getApiVersion());
    fields.put("kind", object.getKind());
    fields.put("metadata", metadata(object.getMetadata()));
    fields.putAll(object.getAdditionalProperties());
    return value(fields);
  }

  /** What the readers look at. */
  private static Map<String, Object> metadata(ObjectMeta meta) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", meta.getName());
    fields.put("namespace", meta.getNamespace());
    fields.put("uid", meta.getUid());
    fields.put("labels", meta.getLabels());
    fields.put("annotations", meta.getAnnotations());
    fields.put("creationTimestamp", meta.getCreationTimestamp());
    fields.put("deletionTimestamp", meta.getDeletionTimestamp());
    fields.put("ownerReferences", owners(meta.getOwnerReferences()));
    return fields;
  }

  private static List<Map<String, Object>> owners(List<OwnerReference> owners) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (OwnerReference owner : owners) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("apiVersion", owner.getApiVersion());
      fields.put("kind", owner.getKind());
      fields.put("name", owner.getName());
      fields.put("controller", owner.getController());
      all.add(fields);
    }
    return all;
  }

  private static YamlValue value(Object json) {
    return switch (json) {
      case null -> new YamlValue.Scalar(0, ScalarType.NULL, "");
      case Map<?, ?> map -> fields(map);
      case List<?> list -> new YamlValue.Items(0, list.stream().map(ObjectTree::value).toList());
      case Boolean flag -> new YamlValue.Scalar(0, ScalarType.FLAG, flag.toString());
      case Float decimal -> decimal(decimal);
      case Double decimal -> decimal(decimal);
      case java.math.BigDecimal decimal -> decimal(decimal);
      case Number number -> new YamlValue.Scalar(0, ScalarType.INTEGER, number.toString());
      default -> new YamlValue.Scalar(0, ScalarType.TEXT, json.toString());
    };
  }

  private static YamlValue decimal(Number number) {
    return new YamlValue.Scalar(0, ScalarType.DECIMAL, number.toString());
  }

  private static YamlValue fields(Map<?, ?> map) {
    Map<String, YamlValue.Field> fields = new LinkedHashMap<>();
    map.forEach((name, field) -> fields.put((String) name, new YamlValue.Field(0, value(field))));
    return new YamlValue.Fields(0, fields);
  }
}
