// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.culvert.agent.cni.CniException.Code;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One call as the shim sends it: the environment a variable a line, an empty line, the network
 * configuration as JSON.
 */
record CniCall(Map<String, String> environment, JsonObject config) {
  private static final String NAMESPACE = "K8S_POD_NAMESPACE";
  private static final String NAME = "K8S_POD_NAME";

  /** As it was called in the first libraries of version 1.1, which send nothing else. */
  private static final String FIRST_ATTACHMENTS = "cni.dev/attachments";

  static CniCall parse(String text) throws CniException {
    int end = text.indexOf("\n\n");
    if (end < 0) {
      throw new CniException(Code.BAD_ENVIRONMENT, "the call has no environment");
    }
    Map<String, String> environment = pairs(text.substring(0, end), "\n");
    try {
      JsonElement config = JsonParser.parseString(text.substring(end + 2));
      return new CniCall(environment, config.getAsJsonObject());
    } catch (JsonParseException | IllegalStateException e) {
      throw new CniException(Code.UNDECODABLE, "the network configuration: " + e.getMessage());
    }
  }

  private static Map<String, String> pairs(String text, String separator) {
    Map<String, String> pairs = new HashMap<>();
    for (String each : text.split(separator, -1)) {
      String[] pair = each.split("=", 2);
      pairs.put(pair[0], pair.length == 2 ? pair[1] : "");
    }
    return pairs;
  }

  String command() {
    return environment.getOrDefault("CNI_COMMAND", "");
  }

  String version() {
    JsonElement version = config.get("cniVersion");
    return version != null && version.isJsonPrimitive() ? version.getAsString() : "1.1.0";
  }

  String containerId() throws CniException {
    return required(environment, "CNI_CONTAINERID", "");
  }

  /** Whether it is of a pod: other software of the node may use the same network. */
  boolean isOfPod() {
    Map<String, String> arguments = arguments();
    return arguments.containsKey(NAMESPACE) || arguments.containsKey(NAME);
  }

  private Map<String, String> arguments() {
    return pairs(environment.getOrDefault("CNI_ARGS", ""), ";");
  }

  Sandbox sandbox() throws CniException {
    Map<String, String> arguments = arguments();
    return new Sandbox(
        containerId(),
        required(arguments, NAMESPACE, " in CNI_ARGS"),
        required(arguments, NAME, " in CNI_ARGS"),
        arguments.getOrDefault("K8S_POD_UID", ""),
        Path.of(required(environment, "CNI_NETNS", "")),
        addresses());
  }

  private static String required(Map<String, String> from, String key, String where)
      throws CniException {
    String value = from.getOrDefault(key, "");
    if (value.isEmpty()) {
      throw new CniException(Code.BAD_ENVIRONMENT, key + where + " is missing or empty");
    }
    return value;
  }

  /** Of prevResult, which the plugins before this one made. */
  private List<InetAddress> addresses() throws CniException {
    List<InetAddress> addresses = new ArrayList<>();
    try {
      if (!(config.get("prevResult") instanceof JsonObject result)) {
        throw new CniException(
            Code.BAD_CONFIG,
            "no prevResult: this plugin is chained, it cannot be the first of the conflist");
      }
      if (result.get("ips") instanceof JsonArray ips) {
        for (JsonElement ip : ips) {
          String address = ip.getAsJsonObject().get("address").getAsString();
          addresses.add(InetAddress.ofLiteral(address.split("/", 2)[0]));
        }
      }
      return addresses;
    } catch (RuntimeException e) {
      throw new CniException(
          Code.BAD_CONFIG, "prevResult.ips: each needs an address such as 10.0.0.5/24");
    }
  }

  /** The containers that the runtime still knows, for GC. */
  Set<String> validContainers() throws CniException {
    JsonElement told = config.get("cni.dev/valid-attachments");
    JsonElement valid = told == null ? config.get(FIRST_ATTACHMENTS) : told;
    if (!(valid instanceof JsonArray attachments)) {
      throw new CniException(Code.BAD_CONFIG, "GC needs cni.dev/valid-attachments, a list");
    }
    Set<String> ids = new LinkedHashSet<>();
    try {
      attachments.forEach(each -> ids.add(each.getAsJsonObject().get("containerID").getAsString()));
    } catch (RuntimeException e) {
      throw new CniException(
          Code.BAD_CONFIG, "cni.dev/valid-attachments: each needs a containerID");
    }
    return ids;
  }
}
