// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.controlplane.model.IncrementalModel;
import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.waypoint.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each folder of routes gives what the file beside it says: what is told to whom, and what their
 * status says. What came out instead is in target/golden-routes.
 */
class GoldenRoutesTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden-routes");
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("culvert-system"));
  private static final Comparator<ResourceKey> BY_NAME =
      Comparator.comparing(ResourceKey::toString);

  private static Stream<String> cases() throws IOException {
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders
          .filter(Files::isDirectory)
          .map(one -> one.getFileName().toString())
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void folderGivesExactlyThis(String name) throws IOException {
    String yaml = Files.readString(FOLDER.resolve(name).resolve("mesh.yaml"));
    assertThat(yaml).startsWith("# ");
    String actual = told(yaml) + said(yaml);
    Path written = Path.of("target/golden-routes", name + ".txt");
    Files.createDirectories(written.getParent());
    Files.writeString(written, actual);
    assertThat(actual).isEqualTo(Files.readString(FOLDER.resolve(name + ".txt")));
  }

  private static String told(String yaml) {
    ResourceFiles files = ResourceFiles.empty().with(Map.of("mesh.yaml", yaml));
    assertThat(files.errors()).isEmpty();
    Map<ResourceKey, String> texts = new HashMap<>();
    files.written().forEach(one -> texts.put(one.resource().key(), one.text()));
    Map<WaypointName, ResourceSet> documents =
        new IncrementalModel(NAMES)
            .update(files.resources(), texts, List.of())
            .discovery()
            .documents();
    return documents.entrySet().stream()
        .sorted(Comparator.comparing(one -> one.getKey().toString()))
        .map(one -> "# told to %s\n".formatted(one.getKey()) + documents(one.getValue()))
        .collect(joining());
  }

  private static String documents(ResourceSet told) {
    return told.byName().values().stream().map(GoldenRoutesTest::document).collect(joining());
  }

  private static String document(Resource told) {
    try {
      Document document = told.getResource().unpack(Document.class);
      String targets =
          document.getTargetsList().stream()
              .map(to -> "%s %s/%s".formatted(to.getKind(), to.getNamespace(), to.getName()))
              .collect(joining(", "));
      return "%s, for %s\n  %s\n"
          .formatted(
              told.getName(), targets.isEmpty() ? "what names it" : targets, document.getJson());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static String said(String yaml) {
    JudgedMesh mesh = new JudgedMesh();
    Said said = mesh.apply(yaml);
    StringBuilder text = new StringBuilder("# said of them\n");
    said.routes().keySet().stream()
        .sorted(BY_NAME)
        .forEach(key -> said.routes().get(key).forEach(one -> text.append(of(key, one))));
    said.backendTls().keySet().stream()
        .sorted(BY_NAME)
        .forEach(key -> text.append(of(key, said.backendTls().get(key))));
    return text.toString();
  }

  private static String of(ResourceKey route, Attachment attachment) {
    return "%s at %s\n".formatted(route, attachment.to())
        + attachment.conditions().stream()
            .map(one -> "  %s: %s\n".formatted(JudgedMesh.text(one), one.message()))
            .collect(joining());
  }

  private static String of(ResourceKey policy, BackendTlsVerdict verdict) {
    String ancestors =
        verdict.ancestors().stream().map(one -> one.key().toString()).collect(joining(", "));
    return "%s at %s\n".formatted(policy, ancestors.isEmpty() ? "nobody" : ancestors)
        + JudgedMesh.texts(verdict.conditions().stream()).stream()
            .map("  %s\n"::formatted)
            .collect(joining());
  }
}
