// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import dev.culvert.policy.authz.CompiledAuthorization;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.wire.security.Authorization;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One folder of {@code src/test/resources/translate} a case: policies.yaml, and workloads.txt with
 * a namespace and labels a line, become expected.txt.
 */
class GoldenTest {

  static Stream<Path> cases() throws IOException, URISyntaxException {
    Path folder = Path.of(GoldenTest.class.getResource("/translate").toURI());
    try (Stream<Path> cases = Files.list(folder)) {
      return cases.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void policiesBecomeTheirWireForm(Path folder) throws IOException {
    ResourceFiles files =
        ResourceFiles.empty()
            .with(Map.of("policies.yaml", Files.readString(folder.resolve("policies.yaml"))));
    assertThat(files.errors()).isEmpty();
    MeshPolicies policies = MeshPolicies.of(files.resources(), MeshPolicies.ROOT_NAMESPACES);

    assertThat(describe(policies, Files.readAllLines(folder.resolve("workloads.txt"))))
        .isEqualTo(Files.readString(folder.resolve("expected.txt")));
    policies.authorizations().forEach(CompiledAuthorization::compile);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void caseSaysWhatItShows(Path folder) throws IOException {
    assertThat(Files.readString(folder.resolve("policies.yaml"))).startsWith("# ");
  }

  private static String describe(MeshPolicies policies, List<String> workloads) {
    StringBuilder text = new StringBuilder();
    policies.authorizations().stream()
        .filter(policy -> !policy.getName().equals("culvert_static_strict"))
        .forEach(policy -> text.append(describe(policy)));
    for (String workload : workloads) {
      text.append("workload %s: %s\n".formatted(workload, selected(policies, workload)));
    }
    policies.notices().forEach(notice -> text.append("notice %s\n".formatted(notice)));
    return text.toString();
  }

  private static String describe(Authorization policy) {
    String fields = TextFormat.printer().printToString(policy).indent(2);
    return "authorization {\n" + fields + "}\n";
  }

  private static String selected(MeshPolicies policies, String workload) {
    String[] words = workload.split(" ");
    Map<String, String> labels =
        Arrays.stream(words)
            .skip(1)
            .map(label -> label.split("=", -1))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    return policies.selectedPolicies(words[0], labels).toString();
  }
}
