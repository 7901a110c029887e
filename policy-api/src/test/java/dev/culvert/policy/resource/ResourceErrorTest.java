// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The lines that tell of errors. */
final class ResourceErrorTest {
  @Test
  void allErrorsOfAFileAreNamedAtOnce() {
    assertThat(
            Yaml.errors(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: UPPER, namespace: shop}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: web, namespace: shop}
                spec: {hostNetwork: "yes", nodeName: 5}
                """))
        .containsExactly(
            "mesh.yaml: document 1, line 3: metadata.name: 'UPPER' is no name; use up to 253 of"
                + " a-z, 0-9, '-' and '.', with a letter or digit at both ends",
            "mesh.yaml: document 2, line 8: spec.nodeName: a number stands where text is needed;"
                + " put it in quotes: \"5\"",
            "mesh.yaml: document 2, line 8: spec.hostNetwork: text stands where true or false is"
                + " needed; write true or false");
  }

  @Test
  void errorStaysOnOneLineWhateverItQuotes() {
    String error =
        Yaml.error("apiVersion: v1\nkind: Namespace\nmetadata: {name: \"a\\nERROR b\\e[31m\"}\n");

    assertThat(error).contains("'a?ERROR b?[31m' is no name").doesNotContain("\n");
    assertThat(Yaml.error("kind: Pod\napiVersion: [" + "x".repeat(9000) + "\n"))
        .hasSizeLessThan(700);
    assertThat(
            Yaml.error(
                "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + "x".repeat(9000) + "}\n"))
        .hasSizeLessThan(700);
  }

  @Test
  void errorsOfAHopelessFileAreBounded() {
    assertThat(Yaml.errors("---\nkind: [\"a\"]\n".repeat(1000))).hasSize(50);
  }
}
