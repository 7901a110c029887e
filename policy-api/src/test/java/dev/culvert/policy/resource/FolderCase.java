// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;

/** Folders of small files. */
abstract class FolderCase {
  static final String BROKEN = "apiVersion: v1\nkind: [Namespace\n";

  static String policy(String name, String spec) {
    return """
        ---
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: %s, namespace: shop}
        spec: {%s}
        """
        .formatted(name, spec);
  }

  static List<String> policies(ResourceFiles files) {
    return files
        .resources(AuthorizationPolicy.class)
        .map(one -> one.metadata().name() + " " + one.action() + " " + one.rules().size())
        .toList();
  }

  static List<String> told(ResourceFiles files) {
    return files.notices().stream().map(ResourceNotice::toString).toList();
  }

  static String namespaces(String... names) {
    StringBuilder text = new StringBuilder();
    for (String name : names) {
      text.append(text.isEmpty() ? "" : "---\n");
      text.append("apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n".formatted(name));
    }
    return text.toString();
  }

  static List<String> names(ResourceFiles files) {
    return files.resources().stream().map(resource -> resource.metadata().name()).toList();
  }
}
