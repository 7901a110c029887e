// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.discovery.DiscoverySnapshot;
import dev.culvert.controlplane.model.MeshModel;
import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a proxy is told does not depend on where the YAML is. */
@Timeout(60)
class SameAsFolderTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("culvert-system"));

  static List<Path> folders() throws IOException {
    try (Stream<Path> all = Files.list(GOLDEN)) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void apiServerGivesTheSameBytes(Path folder) throws Exception {
    Map<String, String> contents = contents(folder);
    DiscoverySnapshot local = model(ResourceFiles.empty().with(contents).resources());
    DiscoverySnapshot remote = model(throughApiServer(contents.values()));
    assertThat(remote.addresses().byName()).isEqualTo(local.addresses().byName());
    assertThat(remote).isEqualTo(local);
    assertThat(local.addresses().byName()).isNotEmpty();
  }

  private static DiscoverySnapshot model(Collection<Resource> resources) {
    return MeshModel.of(resources, NAMES).discovery();
  }

  private static Collection<Resource> throughApiServer(Collection<String> documents)
      throws Exception {
    AtomicReference<Collection<Resource>> known = new AtomicReference<>();
    KubernetesSource.Pace quick =
        new KubernetesSource.Pace(Duration.ofMillis(1), Duration.ofSeconds(5));
    try (ApiServer server = new ApiServer();
        KubernetesClient client = server.client()) {
      documents.forEach(server::apply);
      KubernetesSource.start(
              client,
              quick,
              List.of(),
              changes -> {
                assertThat(changes.errors()).isEmpty();
                known.compareAndSet(null, changes.put());
              })
          .close();
    }
    return known.get();
  }

  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        contents.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return contents;
  }
}
