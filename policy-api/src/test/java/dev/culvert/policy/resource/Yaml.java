// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

/** Folders of one file. */
final class Yaml {
  private Yaml() {}

  static ResourceFiles file(String content) {
    return ResourceFiles.empty().with(Map.of("mesh.yaml", content));
  }

  /** The only resource of a file without errors. */
  static <T extends Resource> T read(Class<T> type, String content) {
    ResourceFiles files = file(content);
    assertThat(files.errors()).isEmpty();
    assertThat(files.notices()).isEmpty();
    assertThat(files.resources()).hasSize(1).first().isInstanceOf(type);
    return files.resources(type).findFirst().orElseThrow();
  }

  static List<String> errors(String content) {
    return file(content).errors().stream().map(ResourceError::toString).toList();
  }

  /** The only error of a file. */
  static String error(String content) {
    assertThat(errors(content)).hasSize(1);
    return errors(content).getFirst();
  }

  /** A pod web, with what else it says. */
  static PodResource pod(String part) {
    return read(PodResource.class, podYaml(part));
  }

  static String podYaml(String part) {
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n" + part + "\n";
  }
}
