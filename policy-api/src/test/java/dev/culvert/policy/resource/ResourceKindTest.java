// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a document is: a kind that is used, one that is not, a list, or none. */
final class ResourceKindTest extends FolderCase {
  @Test
  void kindThatIsNotUsedIsOnlyNoticed() {
    ResourceFiles files =
        Yaml.file("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n");

    assertThat(files.errors()).isEmpty();
    assertThat(files.notices())
        .extracting(ResourceNotice::toString)
        .containsExactly(
            "mesh.yaml: document 1, line 1: kind Deployment of apps/v1 is not used and has no"
                + " effect");
  }

  @Test
  void kindThatIsMisspeltIsNoticedWithWhatWasMeant() {
    ResourceFiles files =
        Yaml.file(
            """
            apiVersion: policy.culvert.dev/v1alpha1
            kind: AuthorisationPolicy
            metadata: {name: web}
            """);

    assertThat(files.notices().getFirst().text()).endsWith("did you mean AuthorizationPolicy?");
  }

  @Test
  void sameKindOfAnotherGroupIsNotOurs() {
    ResourceFiles files =
        Yaml.file(
            """
            apiVersion: policy.linkerd.io/v1alpha1
            kind: AuthorizationPolicy
            metadata: {name: web}
            spec: {anything: goes}
            """);

    assertThat(files.errors()).isEmpty();
    assertThat(files.notices().getFirst().text()).doesNotContain("did you mean");
  }

  @Test
  void unknownVersionOfAPolicyIsAnErrorBecauseIgnoringItCouldOpenSomething() {
    assertThat(
            Yaml.error(
                """
                apiVersion: security.istio.io/v9
                kind: AuthorizationPolicy
                metadata: {name: web}
                """))
        .isEqualTo(
            "mesh.yaml: document 1, line 1: apiVersion: version 'security.istio.io/v9' is not"
                + " known; write policy.culvert.dev/v1alpha1 or security.istio.io/v1 or"
                + " security.istio.io/v1beta1");
  }

  @Test
  void listIsItsItems() {
    ResourceFiles files =
        Yaml.file(
            """
            apiVersion: v1
            kind: List
            metadata: {resourceVersion: ""}
            items:
            - {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
            - apiVersion: v1
              kind: Namespace
              metadata: {name: bank}
            """);

    assertThat(names(files)).containsExactly("shop", "bank");
  }

  @Test
  void errorInAListSaysWhichItem() {
    assertThat(
            Yaml.error(
                """
                apiVersion: v1
                kind: List
                items:
                - {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
                - {apiVersion: v1, kind: Namespace, metadata: {name: 7}}
                """))
        .isEqualTo(
            "mesh.yaml: document 1, line 5: items[1].metadata.name: a number stands where text is"
                + " needed; put it in quotes: \"7\"");
  }

  @Test
  void documentThatIsNoResource() {
    assertThat(Yaml.error("- a\n- b\n"))
        .contains("document 1, line 1: a list stands where a resource is needed");
    assertThat(Yaml.error("kind: Pod\n"))
        .contains("apiVersion: it is missing; every resource starts with apiVersion and kind");
    assertThat(Yaml.file("---\n---\n# nothing\n").errors()).isEmpty();
  }
}
