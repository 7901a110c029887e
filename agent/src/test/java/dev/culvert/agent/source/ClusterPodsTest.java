// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ClusterPodsTest {
  private static final String NAMESPACE =
      """
      {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"culvert.dev/dataplane-mode":"%s"},
       "resourceVersion":"$VERSION"}}\
      """;
  private static final String POD =
      """
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop","uid":"u1","resourceVersion":"$VERSION",
       "annotations":{"culvert.dev/netns":"/proc/1/ns/net","team":"a"}},
       "spec":{"nodeName":"one","serviceAccountName":"web","containers":[{"name":"c","image":"i"}]},
       "status":{"phase":"Running","podIP":"%s","conditions":[{"type":"Ready","status":"True"}]}}\
      """;

  @TempDir private Path folder;
  private TestApi api;
  private ClusterPods followed;
  private Map<String, String> seen;

  @BeforeEach
  void open() throws IOException {
    api = new TestApi();
    api.put("namespaces", "shop", NAMESPACE.formatted("ambient"));
    api.put("pods", "web", POD.formatted("198.18.7.1"));
  }

  @AfterEach
  void close() {
    if (followed != null) {
      followed.close();
    }
    api.close();
  }

  private void follow() throws IOException {
    followed = ClusterPods.start(Optional.of(api.kubeconfig(folder)), "one", this::take);
  }

  private synchronized void take(Map<String, String> documents) {
    seen = documents;
    notifyAll();
  }

  private synchronized void await(Predicate<Map<String, String>> wanted)
      throws InterruptedException {
    while (seen == null || !wanted.test(seen)) {
      wait();
    }
  }

  private static Predicate<Map<String, String>> says(String document, String part) {
    return all -> all.getOrDefault(document, "").contains(part);
  }

  @Test
  void onlyPodsOfTheNodeAreAskedFor() throws Exception {
    follow();
    await(all -> all.keySet().containsAll(Set.of("namespaces/shop", "pods/shop/web")));
    assertThat(api.asked())
        .filteredOn(each -> each.startsWith("/api/v1/pods"))
        .isNotEmpty()
        .allMatch(each -> each.contains("fieldSelector=spec.nodeName%3Done"));
  }

  @Test
  void namespaceOfTheKernelThatAPodNamesItselfIsNotBelieved() throws Exception {
    follow();
    await(says("pods/shop/web", "198.18.7.1"));
    assertThat(seen.get("pods/shop/web")).contains("\"team\"").doesNotContain("/proc/1/ns/net");
  }

  @Test
  void changesOfLabelsAndPodsAreHeardOf() throws Exception {
    follow();
    await(says("namespaces/shop", "ambient"));
    api.put("namespaces", "shop", NAMESPACE.formatted("none"));
    await(says("namespaces/shop", "none"));
    api.delete("pods", "web");
    await(all -> !all.containsKey("pods/shop/web"));
  }

  @Test
  void whatIsKnownStaysWhileTheServerIsAway() throws Exception {
    follow();
    await(says("pods/shop/web", "198.18.7.1"));
    api.refuse(503);
    api.dropWatches();
    api.put("pods", "web", POD.formatted("198.18.7.2"));
    assertThat(seen).containsKey("pods/shop/web");
    api.refuse(0);
    await(says("pods/shop/web", "198.18.7.2"));
  }

  @Test
  void nothingIsToldBeforeAllIsKnown() throws Exception {
    api.refuse(403);
    follow();
    while (api.asked().size() < 2) {
      Thread.onSpinWait();
    }
    assertThat(seen).isNull();
    api.refuse(0);
    await(says("pods/shop/web", "198.18.7.1"));
  }

  @Test
  void fileThatIsNoKubeconfigIsNamed() {
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> ClusterPods.start(Optional.of(missing), "one", this::take))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("missing: cannot be read");
  }
}
