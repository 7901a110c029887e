// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.util.Optional;

/** What ztunnels answer at /config_dump. */
final class ConfigDump {
  private ConfigDump() {}

  static JsonObject of(MeshPod pod) throws IOException {
    String json = pod.askZtunnel(15000, "/config_dump");
    return JsonParser.parseString(json).getAsJsonObject();
  }

  static String text(JsonObject json, String name) {
    return json.get(name).getAsString();
  }

  /** What the ztunnel of a pod's node holds of an identity. */
  static Optional<JsonObject> certificate(MeshPod pod, String identity) throws IOException {
    return of(pod).getAsJsonArray("certificates").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .filter(one -> text(one, "identity").equals(identity))
        .findFirst();
  }

  /** The same of the pod's own. */
  static JsonObject certificate(MeshPod pod) throws IOException {
    return certificate(pod, pod.identity())
        .orElseThrow(() -> new AssertionError("no certificate of " + pod));
  }

  /** The certificate itself, without those that signed it. */
  static JsonObject leaf(MeshPod pod) throws IOException {
    return certificate(pod).getAsJsonArray("certChain").get(0).getAsJsonObject();
  }

  /** Its serial number, in decimal digits. */
  static String serial(MeshPod pod) throws IOException {
    return text(leaf(pod), "serialNumber");
  }
}
