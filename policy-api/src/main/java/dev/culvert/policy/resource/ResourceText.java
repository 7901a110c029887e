// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.yaml.CanonicalJson;
import dev.culvert.policy.yaml.ScalarType;
import dev.culvert.policy.yaml.YamlValue.Field;
import dev.culvert.policy.yaml.YamlValue.Fields;
import dev.culvert.policy.yaml.YamlValue.Scalar;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What somebody wrote of a resource, without what an API server adds to it: the same text from a
 * file and from a cluster, which changes when what was written does and not when a status does.
 */
final class ResourceText {
  /** The whole resource once more, as kubectl keeps it. */
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private static final String STATUS = "status";

  private ResourceText() {}

  /**
   * The text of an object that was read.
   *
   * @param metadata what was read of it
   */
  static String of(Fields object, ObjectMeta metadata) {
    Map<String, Field> kept = new LinkedHashMap<>(object.byName());
    kept.remove(STATUS);
    kept.computeIfPresent("metadata", (_, field) -> metadata(field, metadata));
    return CanonicalJson.of(new Fields(object.line(), kept));
  }

  private static Field metadata(Field field, ObjectMeta metadata) {
    if (!(field.value() instanceof Fields written)) {
      return field;
    }
    Map<String, Field> kept = new LinkedHashMap<>(written.byName());
    kept.keySet().removeAll(MetadataReader.UNUSED);
    kept.remove("uid");
    if (!metadata.namespace().isEmpty()) {
      kept.put("namespace", text(metadata.namespace()));
    }
    kept.computeIfPresent("annotations", (_, annotations) -> withoutLastApplied(annotations));
    kept.values().removeIf(ResourceText::isEmpty);
    return new Field(field.line(), new Fields(written.line(), kept));
  }

  private static Field withoutLastApplied(Field annotations) {
    if (!(annotations.value() instanceof Fields written)) {
      return annotations;
    }
    Map<String, Field> kept = new LinkedHashMap<>(written.byName());
    kept.remove(LAST_APPLIED);
    return new Field(annotations.line(), new Fields(written.line(), kept));
  }

  /** Clients of an API server write empty maps where people write nothing. */
  private static boolean isEmpty(Field field) {
    return field.value() instanceof Fields map && map.byName().isEmpty();
  }

  private static Field text(String text) {
    return new Field(0, new Scalar(0, ScalarType.TEXT, text));
  }
}
