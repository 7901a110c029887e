// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The calls themselves, as the specification has them. */
final class CniProtocolTest extends CniCase {
  private static final String VERSIONS =
      "{\"cniVersion\":\"%s\",\"supportedVersions\":[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n";

  @Test
  void nobodyButRootIsAnswered() throws Exception {
    node.start();
    Path plugin = Files.copy(CniShim.BINARY, folder.resolve("culvert-cni"), COPY_ATTRIBUTES);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(node.cniSocket(), PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(shim.callAsNobody(plugin, "DEL").output())
        .contains("\"code\":100", "only root may call, not uid 65534");
  }

  @Test
  void nodeIsReadyForPodsWhileTheAgentRuns() throws Exception {
    node.start();
    assertThat(call("STATUS")).isEqualTo(DONE);
  }

  @Test
  void versionNeedsNoAgent() throws Exception {
    CniShim.Result version = CniShim.run(Map.of("CNI_COMMAND", "VERSION"), "{}");
    assertThat(version).isEqualTo(new CniShim.Result(0, VERSIONS.formatted("1.1.0")));
  }

  @Test
  void versionIsToldInThatOfTheCaller() throws Exception {
    CniShim.Result version =
        CniShim.run(Map.of("CNI_COMMAND", "VERSION"), "{\"cniVersion\":\"0.4.0\"}");
    assertThat(version).isEqualTo(new CniShim.Result(0, VERSIONS.formatted("0.4.0")));
    assertThat(CniShim.run(Map.of("CNI_COMMAND", "VERSION"), "").output())
        .isEqualTo(VERSIONS.formatted("1.1.0"));
  }

  @Test
  void versionThatIsNotSpokenIsRefusedAsTheSpecificationHasIt() throws Exception {
    node.start();
    for (String version : List.of("0.2.0", "1.2.0", "1.1", ",")) {
      for (String command : List.of("ADD", "CHECK", "STATUS")) {
        CniShim.Result refused = callIn(version, command);
        assertThat(refused.exit()).isOne();
        assertThat(JsonParser.parseString(refused.output()).getAsJsonObject().asMap())
            .containsEntry("cniVersion", new JsonPrimitive(version))
            .containsEntry("code", new JsonPrimitive(1))
            .containsEntry(
                "msg",
                new JsonPrimitive(
                    "culvert: cniVersion %s is none of 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0"
                        .formatted(version)));
      }
    }
    assertThat(callIn("0.2.0", "DEL")).isEqualTo(DONE);
    assertThat(callIn("0.4.0", "STATUS")).isEqualTo(DONE);
  }

  private CniShim.Result callIn(String version, String command) throws IOException {
    return CniShim.run(
        Map.of(
            "CNI_COMMAND",
            command,
            "CNI_CONTAINERID",
            "sandbox-web",
            "CNI_NETNS",
            pod.path().toString(),
            "CNI_ARGS",
            "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web"),
        "{\"cniVersion\":\"%s\",\"socket\":\"%s\",\"prevResult\":%s}"
            .formatted(version, node.cniSocket(), previous));
  }

  @Test
  void garbageIsAnErrorOfTheSpecification() throws Exception {
    node.start();
    assertThat(CniShim.run(Map.of("CNI_COMMAND", "ADD"), "nonsense").output())
        .contains("\"code\":6");
    assertThat(shim.call("ADD", pod.path(), "web", "").output())
        .contains("\"code\":7", "cannot be the first");
    assertThat(call("PAINT").output()).contains("\"code\":4", "PAINT");
  }
}
