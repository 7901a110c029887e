// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.culvert.policy.text.OneLine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Puts the plugin into a network configuration list, and takes it out again. Pure. */
final class Conflist {
  /** The name of the plugin's file in the runtime's folder of plugins. */
  static final String TYPE = "culvert-cni";

  private static final JsonElement OURS = new JsonPrimitive(TYPE);

  private static final String VERSION = "cniVersion";

  /** As in daemonset/cni/culvert-cni.c. Before these, results had another form. */
  private static final List<String> SPOKEN = List.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");

  /** What a list says once for all of its plugins. */
  private static final List<String> SHARED = List.of(VERSION, "name", "disableCheck");

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private Conflist() {}

  /**
   * The list with the plugin as its last one.
   *
   * @param file for messages
   * @return the same text when it is in already, and as it should be
   * @throws IOException when it is no list of plugins
   */
  static String with(String text, Path file, Path socket) throws IOException {
    JsonObject list = parse(text, file);
    requireVersion(list, file);
    JsonObject ours = new JsonObject();
    ours.addProperty("type", TYPE);
    ours.addProperty("socket", socket.toString());
    JsonArray plugins = others(list, file);
    if (plugins.isEmpty()) {
      throw new IOException(file + ": plugins is empty: the node's own network must come first");
    }
    plugins.add(ours);
    return text(list, plugins, text);
  }

  /** The plugin refuses what it does not speak, and then no pod of the node would start. */
  private static void requireVersion(JsonObject list, Path file) throws IOException {
    String version = list.get(VERSION) instanceof JsonPrimitive text ? text.getAsString() : "";
    if (!SPOKEN.contains(version)) {
      String said =
          version.isEmpty() ? "no cniVersion, which means 0.1.0" : "cniVersion " + version;
      throw new IOException(
          "%s: has %s; the plugin speaks %s: have the node's CNI write one of these"
              .formatted(file, said, String.join(", ", SPOKEN)));
    }
  }

  /**
   * A list of one plugin, as a runtime reads a file that is no list (CNI 1.1, section 1).
   *
   * @throws IOException when it is no configuration of a plugin
   */
  static String of(String plugin, Path file) throws IOException {
    JsonObject single = parse(plugin, file);
    if (!single.has("type")) {
      throw new IOException(file + ": has no type, so it is no plugin");
    }
    JsonObject list = new JsonObject();
    for (String shared : SHARED) {
      if (single.has(shared)) {
        list.add(shared, single.get(shared));
      }
    }
    JsonArray plugins = new JsonArray();
    plugins.add(single);
    list.add("plugins", plugins);
    return GSON.toJson(list) + "\n";
  }

  /** The list without the plugin; the same text when it is not in. */
  static String without(String text, Path file) throws IOException {
    JsonObject list = parse(text, file);
    return text(list, others(list, file), text);
  }

  private static String text(JsonObject list, JsonArray plugins, String before) {
    if (plugins.equals(list.get("plugins"))) {
      return before;
    }
    list.add("plugins", plugins);
    return GSON.toJson(list) + "\n";
  }

  private static JsonArray others(JsonObject list, Path file) throws IOException {
    if (!(list.get("plugins") instanceof JsonArray all)) {
      throw new IOException(file + ": plugins is missing, or is no list");
    }
    JsonArray others = new JsonArray();
    for (JsonElement plugin : all) {
      if (!(plugin instanceof JsonObject object) || !object.has("type")) {
        throw new IOException(file + ": plugins: each needs a type");
      }
      if (!object.get("type").equals(OURS)) {
        others.add(plugin);
      }
    }
    return others;
  }

  private static JsonObject parse(String text, Path file) throws IOException {
    try {
      return JsonParser.parseString(text).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new IOException(
          file + ": is not a JSON object: " + OneLine.of(String.valueOf(e.getMessage())), e);
    }
  }
}
