// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a folder holds as its files come, change, break and go. */
final class ResourceFilesTest extends FolderCase {
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
}
