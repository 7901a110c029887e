// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResourceFilesTest {
  private static final String BROKEN = "apiVersion: v1\nkind: [Namespace\n";

  @Test
  void emptyFolder() {
    assertThat(ResourceFiles.empty().resources()).isEmpty();
    assertThat(ResourceFiles.empty().with(Map.of()).errors()).isEmpty();
  }

  @Test
  void resourcesOfAllFilesInOrder() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("b.yaml", namespaces("bank"), "a.yaml", namespaces("shop", "cafe")));

    assertThat(names(files)).containsExactly("shop", "cafe", "bank");
    assertThat(files.errors()).isEmpty();
  }

  @Test
  void fileThatIsGoneTakesItsResourcesWithIt() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", namespaces("shop"), "b.yaml", namespaces("bank")))
            .with(Map.of("b.yaml", namespaces("bank")));

    assertThat(names(files)).containsExactly("bank");
  }

  @Test
  void fileThatBreaksKeepsWhatItSaidBefore() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", namespaces("shop"), "b.yaml", namespaces("bank")))
            .with(Map.of("a.yaml", BROKEN, "b.yaml", namespaces("bank", "vault")));

    assertThat(names(files)).containsExactly("shop", "bank", "vault");
    assertThat(files.errors()).hasSize(1);
    assertThat(files.errors().getFirst().toString())
        .startsWith("a.yaml: document 1, line 3: not valid YAML: ");
  }

  @Test
  void whatSaysTheSameIsTheSameObject() {
    ResourceFiles before = ResourceFiles.empty().with(Map.of("a.yaml", namespaces("shop", "cafe")));
    ResourceFiles after = before.with(Map.of("a.yaml", namespaces("cafe", "bank")));
    ResourceFiles mended =
        after.with(Map.of("a.yaml", BROKEN)).with(Map.of("a.yaml", namespaces("cafe")));

    assertThat(names(after)).containsExactly("cafe", "bank");
    assertThat(named(after, "cafe")).isSameAs(named(before, "cafe"));
    assertThat(named(mended, "cafe")).isSameAs(named(before, "cafe"));
  }

  @Test
  void whatSaysAnotherThingIsAnotherObject() {
    String labelled =
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {team: %s}}
        """;
    ResourceFiles before = ResourceFiles.empty().with(Map.of("a.yaml", labelled.formatted("a")));
    ResourceFiles after = before.with(Map.of("a.yaml", labelled.formatted("b")));

    assertThat(named(after, "shop").metadata().labels()).containsEntry("team", "b");
  }

  private static NamespaceResource named(ResourceFiles files, String name) {
    return files.find(NamespaceResource.class, "", name).orElseThrow();
  }

  @Test
  void fileStaysBrokenUntilItIsMended() {
    ResourceFiles broken =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", namespaces("shop")))
            .with(Map.of("a.yaml", BROKEN))
            .with(Map.of("a.yaml", BROKEN));
    ResourceFiles mended = broken.with(Map.of("a.yaml", namespaces("cafe")));

    assertThat(names(broken)).containsExactly("shop");
    assertThat(broken.errors()).hasSize(1);
    assertThat(names(mended)).containsExactly("cafe");
    assertThat(mended.errors()).isEmpty();
  }

  @Test
  void fileThatWasNeverGoodSaysNothing() {
    ResourceFiles files = ResourceFiles.empty().with(Map.of("a.yaml", BROKEN));

    assertThat(files.resources()).isEmpty();
    assertThat(files.errors()).hasSize(1);
  }

  private static String policy(String name, String spec) {
    return """
        ---
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: %s, namespace: shop}
        spec: {%s}
        """
        .formatted(name, spec);
  }

  private static List<String> policies(ResourceFiles files) {
    return files
        .resources(AuthorizationPolicy.class)
        .map(one -> one.metadata().name() + " " + one.action() + " " + one.rules().size())
        .toList();
  }

  @Test
  void policyOfAFileThatWasNeverGoodIsClosedAndItsSoundOnesHold() {
    String text =
        policy("open", "rules: [{to: [{operation: {prots: ['80']}}]}]")
            + policy("deny", "action: DENNY, rules: [{}]")
            + policy("sound", "action: DENY, rules: [{to: [{operation: {ports: ['80']}}]}]")
            + "---\n"
            + namespaces("shop");
    ResourceFiles files = ResourceFiles.empty().with(Map.of("a.yaml", text));

    assertThat(policies(files)).containsExactly("open ALLOW 0", "deny DENY 1", "sound DENY 1");
    assertThat(files.resources()).hasSize(3);
    assertThat(files.errors()).isNotEmpty();

    ResourceFiles edited =
        files.with(Map.of("a.yaml", text.replace("DENNY", "DENY").replace("prots", "port")));
    assertThat(policies(edited)).containsExactly("open ALLOW 0", "deny DENY 1", "sound DENY 1");
    ResourceFiles mended =
        files.with(Map.of("a.yaml", text.replace("DENNY", "DENY").replace("prots", "ports")));
    assertThat(mended.errors()).isEmpty();
    assertThat(policies(mended)).containsExactly("open ALLOW 1", "deny DENY 1", "sound DENY 1");
  }

  private static List<String> told(ResourceFiles files) {
    return files.notices().stream().map(ResourceNotice::toString).toList();
  }

  @Test
  void policyThatIsClosedIsToldUntilItIsCorrected() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(
                Map.of(
                    "a.yaml",
                    policy("sound", "action: DENY, rules: [{}]")
                        + policy("deny", "action: DENNY, rules: [{}]")));

    assertThat(told(files))
        .containsExactly(
            "a.yaml: document 2, line 7: AuthorizationPolicy shop/deny is closed until it is"
                + " corrected: what it would forbid is not known, so it forbids everything to the"
                + " workloads that it applies to");
    assertThat(told(files.with(Map.of("a.yaml", policy("deny", "action: DENY"))))).isEmpty();
  }

  @Test
  void backendTlsPolicyWithAnErrorTrustsNobody() {
    String policy =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: {name: tls, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: web}]
          validation: {%s: System, hostname: web.internal}
        """;
    ResourceFiles broken =
        ResourceFiles.empty().with(Map.of("a.yaml", policy.formatted("wellKnownCACertificate")));

    assertThat(broken.resources())
        .singleElement()
        .isInstanceOfSatisfying(
            BackendTlsPolicyResource.class,
            closed -> {
              assertThat(closed.isClosed()).isTrue();
              assertThat(closed.targets()).hasSize(1);
            });
    assertThat(told(broken))
        .singleElement()
        .asString()
        .contains("BackendTLSPolicy shop/tls is closed", "nothing is sent to them");
    assertThat(
            broken.with(Map.of("a.yaml", policy.formatted("wellKnownCACertificates"))).resources())
        .noneMatch(one -> ((BackendTlsPolicyResource) one).isClosed());
  }

  @Test
  void policyThatNothingCanStandInForIsTold() {
    String nameless = policy("x", "action: DENY, rules: [{}]").replace("name: x, ", "");
    String ofNewVersion = policy("x", "action: DENY").replace("v1alpha1", "v9");
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", BROKEN, "b.yaml", nameless, "c.yaml", ofNewVersion));

    assertThat(files.resources()).isEmpty();
    assertThat(told(files))
        .containsExactly(
            "a.yaml: document 1, line 3: the file cannot be read; should it hold a policy: nothing"
                + " stands in for it, and what it forbids is open",
            "b.yaml: document 1, line 2: AuthorizationPolicy that cannot be read: nothing stands in"
                + " for it, and what it forbids is open",
            "c.yaml: document 1, line 2: AuthorizationPolicy that cannot be read: nothing stands in"
                + " for it, and what it forbids is open");
  }

  @Test
  void brokenFileWithALastGoodStateIsNotToldAsOpen() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", policy("deny", "action: DENY, rules: [{}]")))
            .with(Map.of("a.yaml", BROKEN));

    assertThat(policies(files)).containsExactly("deny DENY 1");
    assertThat(told(files)).isEmpty();
  }

  @Test
  void whatStandsInForAPolicyGivesWayToOneThatIsSound() {
    String broken = policy("one", "action: DENNY, rules: [{}]");
    ResourceFiles files =
        ResourceFiles.empty()
            .with(
                Map.of(
                    "a.yaml", broken,
                    "b.yaml", broken,
                    "c.yaml", policy("one", "action: ALLOW, rules: [{}, {}]")));

    assertThat(policies(files)).containsExactly("one ALLOW 2");
    assertThat(told(files)).isEmpty();
    assertThat(files.errors()).extracting(ResourceError::file).containsExactly("a.yaml", "b.yaml");
  }

  @Test
  void oneErrorHoldsBackTheWholeFile() {
    String halfGood = namespaces("shop") + "---\napiVersion: v1\nkind: Namespace\n";
    ResourceFiles files = ResourceFiles.empty().with(Map.of("a.yaml", halfGood));

    assertThat(files.resources()).isEmpty();
    assertThat(files.errors())
        .containsExactly(
            new ResourceError(
                "a.yaml", 2, "metadata.name", 5, "it is missing", "give the resource a name"));
  }

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
  void resourceInTwoFilesIsAnErrorThatNamesBoth() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", namespaces("shop"), "b.yaml", namespaces("bank", "shop")));

    assertThat(names(files)).containsExactly("shop");
    assertThat(files.errors())
        .extracting(ResourceError::toString)
        .containsExactly(
            "b.yaml: document 2, line 5: Namespace shop is defined in a.yaml already, on line 1;"
                + " keep it in one of the files");
  }

  @Test
  void fileThatHadAResourceFirstKeepsIt() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("b.yaml", namespaces("shop")))
            .with(Map.of("a.yaml", namespaces("shop"), "b.yaml", namespaces("shop", "bank")));

    assertThat(names(files)).containsExactly("shop", "bank");
    assertThat(files.errors()).extracting(ResourceError::file).containsExactly("a.yaml");
  }

  @Test
  void resourceMovesToAnotherFile() {
    ResourceFiles copied =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", namespaces("shop")))
            .with(Map.of("a.yaml", namespaces("shop"), "b.yaml", namespaces("shop")));
    ResourceFiles moved = copied.with(Map.of("b.yaml", namespaces("shop")));

    assertThat(copied.errors()).extracting(ResourceError::file).containsExactly("b.yaml");
    assertThat(names(moved)).containsExactly("shop");
    assertThat(moved.errors()).isEmpty();
  }

  @Test
  void refusedFileFallsBackWithoutTakingFromOthers() {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("a.yaml", namespaces("one"), "b.yaml", namespaces("two")))
            .with(Map.of("a.yaml", namespaces("two"), "b.yaml", namespaces("one", "two")));

    assertThat(names(files)).containsExactlyInAnyOrder("one", "two");
    assertThat(files.errors()).hasSize(2);
  }

  @Test
  void resourceTwiceInOneFile() {
    assertThat(Yaml.error(namespaces("shop", "shop")))
        .isEqualTo(
            "mesh.yaml: document 2, line 5: Namespace shop is defined twice, first on line 1;"
                + " keep one of them");
  }

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

  private static String namespaces(String... names) {
    StringBuilder text = new StringBuilder();
    for (String name : names) {
      text.append(text.isEmpty() ? "" : "---\n");
      text.append("apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n".formatted(name));
    }
    return text.toString();
  }

  private static List<String> names(ResourceFiles files) {
    return files.resources().stream().map(resource -> resource.metadata().name()).toList();
  }
}
