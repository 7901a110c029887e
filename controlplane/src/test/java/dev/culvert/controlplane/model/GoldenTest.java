// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.culvert.controlplane.discovery.ResourceSet;
import dev.culvert.controlplane.discovery.TypeUrl;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.workload.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each folder of YAML gives the xDS of the file beside it, and what the operator is told; what came
 * out instead is in target/golden. Policies that the translation makes itself are its own tests'
 * concern.
 */
class GoldenTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden");
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("culvert-system"));

  @ParameterizedTest
  @MethodSource("cases")
  void folderGivesExactlyThis(String name) throws Exception {
    MeshModel model = MeshModel.of(resources(name), NAMES);
    String actual =
        text(model.discovery().addresses())
            + text(model.discovery().authorizations())
            + notices(model);
    Path written = Path.of("target/golden", name + ".txtpb");
    Files.createDirectories(written.getParent());
    Files.writeString(written, actual);
    assertThat(actual).isEqualTo(Files.readString(FOLDER.resolve(name + ".txtpb")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void orderOfResourcesDoesNotMatter(String name) throws Exception {
    MeshModel model = MeshModel.of(resources(name), NAMES);
    List<dev.culvert.policy.resource.Resource> shuffled = new ArrayList<>(resources(name));
    for (int seed = 0; seed < 20; seed++) {
      Collections.shuffle(shuffled, new Random(seed));
      assertThat(MeshModel.of(shuffled, NAMES).discovery()).isEqualTo(model.discovery());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void folderSaysWhatItShows(String name) throws IOException {
    assertThat(Files.readString(FOLDER.resolve(name).resolve("mesh.yaml"))).startsWith("# ");
  }

  private static Stream<String> cases() throws IOException {
    try (var folders = Files.list(FOLDER)) {
      return folders
          .filter(Files::isDirectory)
          .map(Path::getFileName)
          .map(Path::toString)
          .toList()
          .stream();
    }
  }

  private static String notices(MeshModel model) {
    return model.notices().stream().map("# notice %s\n"::formatted).collect(joining());
  }

  @Test
  void identitiesAreThoseOfPodsNotEnded() throws Exception {
    NodePods pods = MeshModel.of(resources("shop"), NAMES).nodePods();
    assertThat(pods.nodes()).containsExactly("node-1", "node-2");
    assertThat(pods.runsOn("node-1", id("shop", "web"))).isTrue();
    assertThat(pods.runsOn("node-1", id("shop", "default"))).isTrue();
    assertThat(pods.runsOn("node-2", id("shop", "web"))).isFalse();
    assertThat(pods.runsOn("node-2", id("outside", "default"))).isTrue();
    assertThat(pods.runsOn("", id("shop", "default"))).isFalse();
    assertThat(pods.runsOn("node-3", id("shop", "web"))).isFalse();
  }

  private static SpiffeId id(String namespace, String account) {
    return SpiffeId.workload(NAMES.trustDomain(), namespace, account);
  }

  private static List<dev.culvert.policy.resource.Resource> resources(String name)
      throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (var files = Files.list(FOLDER.resolve(name))) {
      for (Path file : files.toList()) {
        contents.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    ResourceFiles files = ResourceFiles.empty().with(contents);
    assertThat(files.errors()).isEmpty();
    return files.resources();
  }

  private static String text(ResourceSet resources) throws InvalidProtocolBufferException {
    StringBuilder text = new StringBuilder();
    for (Resource resource : resources.byName().values()) {
      if (resource.getName().startsWith("culvert-system/")) {
        continue;
      }
      text.append("# ").append(resource.getName()).append(' ');
      text.append(resource.getAliasesList()).append(' ').append(resource.getVersion());
      text.append('\n').append(TextFormat.printer().printToString(content(resource)));
    }
    return text.toString();
  }

  private static Message content(Resource resource) throws InvalidProtocolBufferException {
    return resource.getResource().getTypeUrl().equals(TypeUrl.ADDRESS)
        ? resource.getResource().unpack(Address.class)
        : resource.getResource().unpack(Authorization.class);
  }
}
