// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.yaml.YamlDocuments;
import dev.culvert.policy.yaml.YamlException;
import dev.culvert.policy.yaml.YamlValue;
import dev.culvert.policy.yaml.YamlValue.Fields;
import java.util.List;
import java.util.Optional;

/**
 * Reads the mesh's configuration and certificates; every other ConfigMap is none of our business.
 */
final class ConfigMapReader {
  private static final String KEY = "mesh";
  private static final String AUTHORITIES = "ca.crt";

  private ConfigMapReader() {}

  static ConfigMapResource read(ObjectMeta metadata, ObjectReader object) {
    ObjectReader data = object.object("data");
    return new ConfigMapResource(
        metadata,
        ConfigMapResource.MESH_NAMES.contains(metadata.name()) ? providers(data) : List.of(),
        data.isText(AUTHORITIES) ? data.text(AUTHORITIES) : Optional.empty());
  }

  private static List<ExtensionProvider> providers(ObjectReader data) {
    String text = data.text(KEY, "");
    try {
      for (YamlValue document : YamlDocuments.read(text)) {
        if (document instanceof Fields mesh) {
          return data.inside(KEY, mesh).objects("extensionProviders").stream()
              .flatMap(one -> ExtensionProviderReader.read(one).stream())
              .toList();
        }
      }
    } catch (YamlException e) {
      data.error(KEY, "line %d of it: %s".formatted(e.line(), e.problem()), e.remedy());
    }
    return List.of();
  }
}
