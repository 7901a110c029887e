// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What a ztunnel shows of its state, in the shape that istioctl reads. */
abstract class ConfigDumpScenarios {
  /**
   * The members that its structs name (istioctl/pkg/writer/ztunnel/configdump/api.go) and that
   * every object of a mesh without waypoints and policies has.
   */
  private static final Map<String, List<String>> READ_BY_ISTIOCTL =
      Map.of(
          "workloads",
          List.of(
              "uid",
              "workloadIps",
              "protocol",
              "name",
              "namespace",
              "serviceAccount",
              "workloadName",
              "workloadType",
              "canonicalName",
              "canonicalRevision",
              "clusterId",
              "trustDomain",
              "locality",
              "node",
              "network",
              "status",
              "hostname",
              "authorizationPolicies"),
          "services",
          List.of(
              "name",
              "namespace",
              "hostname",
              "vips",
              "ports",
              "loadBalancer",
              "endpoints",
              "subjectAltNames"),
          "certificates",
          List.of("identity", "state", "certChain", "rootCerts"));

  private final Mesh mesh;

  ConfigDumpScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void openConnectionInTheDumpOfBothNodes() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection app = mesh.client().connect(mesh.server().at(port))) {
      assertThat(app.echo("held open")).isEqualTo("held open");

      JsonObject out =
          connection(mesh.client(), "outbound", "originalDst", mesh.server().hostPort(port));
      assertThat(ConfigDump.text(out, "actualDst")).isEqualTo(mesh.server().hostPort(15008));
      assertThat(ConfigDump.text(out, "src")).startsWith(mesh.client().v4().getHostAddress() + ":");
      assertThat(ConfigDump.text(out, "protocol")).isEqualTo("HBONE");
      assertThat(ConfigDump.text(out, "tlsGroup")).isEqualTo("X25519MLKEM768");
      assertThat(out.get("bytesSent").getAsLong()).isEqualTo(9);

      JsonObject in =
          connection(mesh.server(), "inbound", "actualDst", mesh.server().hostPort(port));
      assertThat(ConfigDump.text(in, "src")).isEqualTo(ConfigDump.text(out, "src"));
      assertThat(in.get("originalDst").isJsonNull()).isTrue();
    }
  }

  @Test
  void dumpHasWhatIstioctlReads() throws Exception {
    JsonObject dump = ConfigDump.of(mesh.client());
    READ_BY_ISTIOCTL.forEach(
        (array, fields) -> {
          assertThat(dump.getAsJsonArray(array)).as(array).isNotEmpty();
          for (JsonElement one : dump.getAsJsonArray(array)) {
            assertThat(one.getAsJsonObject().keySet()).as(array).containsAll(fields);
          }
        });
    for (JsonElement certificate : dump.getAsJsonArray("certificates")) {
      for (JsonElement one : certificate.getAsJsonObject().getAsJsonArray("certChain")) {
        assertThat(one.getAsJsonObject().keySet())
            .containsExactlyInAnyOrder("pem", "serialNumber", "validFrom", "expirationTime");
      }
    }
    JsonObject states = dump.getAsJsonObject("workloadState");
    for (String uid : states.keySet()) {
      JsonObject state = states.getAsJsonObject(uid);
      assertThat(ConfigDump.text(state, "state")).isEqualTo("Up");
      assertThat(state.getAsJsonObject("info").keySet())
          .containsExactlyInAnyOrder("name", "namespace", "trustDomain", "serviceAccount");
      assertThat(state.getAsJsonObject("connections").keySet()).contains("inbound", "outbound");
    }
  }

  private static JsonObject connection(MeshPod pod, String side, String key, String value)
      throws IOException {
    JsonObject states = ConfigDump.of(pod).getAsJsonObject("workloadState");
    for (String uid : states.keySet()) {
      JsonObject state = states.getAsJsonObject(uid);
      if (ConfigDump.text(state.getAsJsonObject("info"), "name").equals(pod.name())) {
        JsonArray all = state.getAsJsonObject("connections").getAsJsonArray(side);
        return StreamSupport.stream(all.spliterator(), false)
            .map(JsonElement::getAsJsonObject)
            .filter(one -> one.has(key) && !one.get(key).isJsonNull())
            .filter(one -> ConfigDump.text(one, key).equals(value))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no %s %s in %s".formatted(key, value, all)));
      }
    }
    throw new AssertionError("no pod " + pod.name() + " in " + states.keySet());
  }
}
