// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Holds the chart's README true to the comments of values.yaml, and its schema to its keys. */
class ValuesDocumentTest {
  private static final Path DOCUMENT = Chart.FOLDER.resolve("README.md");
  private static final Path SCHEMA = Chart.FOLDER.resolve("values.schema.json");
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private static final String INTRODUCTION =
      """
      # The chart

      It puts Culvert on a cluster ([how](../../docs/kubernetes.md)): the control plane as a Deployment, the agent and ztunnel as a DaemonSet each. They
      are two so that each is upgraded by itself: a new ztunnel starts beside the old one and takes over, two agents of a node exclude each other.

          helm install culvert daemonset/chart --namespace culvert-system --create-namespace --set image.repository=REGISTRY/culvert

      [install.yaml](../install.yaml) is the same with the default values, the namespace included. A value that the chart does not know is refused.

      This page is written by `ValuesDocumentTest` from the comments of `values.yaml`; run it with `CULVERT_WRITE_DOCS=true` after a change.

      | value | default | what and why |
      |---|---|---|
      """;

  @Test
  void documentSaysWhatTheCommentsSay() throws IOException {
    StringBuilder document = new StringBuilder(INTRODUCTION);
    Map<String, String> notes = ValueNotes.of(Chart.VALUES);
    Values.read(Chart.VALUES)
        .byPath()
        .forEach((path, value) -> document.append(row(path, value, notes.get(path))));
    if ("true".equals(System.getenv("CULVERT_WRITE_DOCS"))) {
      Files.writeString(DOCUMENT, document);
    }
    assertThat(DOCUMENT).content().isEqualTo(document.toString());
  }

  @Test
  void everyValueHasAComment() throws IOException {
    Map<String, String> notes = ValueNotes.of(Chart.VALUES);
    assertThat(Values.read(Chart.VALUES).byPath().keySet())
        .allSatisfy(path -> assertThat(notes.get(path)).as(path).isNotBlank());
  }

  @Test
  void schemaKnowsTheSameValues() throws IOException {
    JsonObject schema = JsonParser.parseString(Files.readString(SCHEMA)).getAsJsonObject();
    List<String> known = new ArrayList<>();
    collect("", schema, known);
    known.remove("global"); // Helm's own
    assertThat(known)
        .containsExactlyInAnyOrderElementsOf(Values.read(Chart.VALUES).byPath().keySet());
  }

  private static void collect(String prefix, JsonObject schema, List<String> into) {
    for (Map.Entry<String, JsonElement> entry : schema.getAsJsonObject("properties").entrySet()) {
      JsonObject below = entry.getValue().getAsJsonObject();
      if (below.has("properties")) {
        assertThat(below.get("additionalProperties").getAsBoolean()).isFalse();
        collect(prefix + entry.getKey() + ".", below, into);
      } else {
        into.add(prefix + entry.getKey());
      }
    }
  }

  private static String row(String path, Object value, String note) {
    String standard = "".equals(value) ? "empty" : "`" + text(value) + "`";
    return "| `%s` | %s | %s |\n".formatted(path, standard, note.replace("|", "\\|"));
  }

  private static String text(Object value) {
    return value instanceof String text ? text : GSON.toJson(value);
  }
}
