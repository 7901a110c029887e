// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;

/** A file of values: by paths such as {@code image.tag}, what a user of the chart can set. */
record Values(Map<String, Object> byPath) {
  /** Values that are set as a whole, whatever is in them. */
  private static final List<String> WHOLE =
      List.of(
          "resources",
          "settings",
          "nodeSelector",
          "affinity",
          "podAnnotations",
          "serviceAccountAnnotations");

  static Values read(Path file) throws IOException {
    Map<String, Object> byPath = new LinkedHashMap<>();
    collect("", (Map<?, ?>) Chart.yaml(Files.readString(file)), byPath);
    return new Values(byPath);
  }

  private static void collect(String prefix, Map<?, ?> tree, Map<String, Object> into) {
    tree.forEach(
        (key, value) -> {
          String path = prefix + key;
          if (value instanceof Map<?, ?> below && !WHOLE.contains(String.valueOf(key))) {
            collect(path + ".", below, into);
          } else {
            into.put(path, value);
          }
        });
  }

  /** Those that have the same value in both. */
  List<String> sameAs(Values other) {
    List<String> same = new ArrayList<>();
    byPath.forEach(
        (path, value) -> {
          if (Objects.equals(value, other.byPath.get(path))) {
            same.add(path);
          }
        });
    return same;
  }

  /** These values with one of them as the other has it. */
  Values with(String path, Values other) {
    Map<String, Object> changed = new LinkedHashMap<>(byPath);
    changed.put(path, other.byPath.get(path));
    return new Values(changed);
  }

  /** As a file for Helm. */
  Path write(Path folder) throws IOException {
    Map<String, Object> tree = new LinkedHashMap<>();
    byPath.forEach((path, value) -> put(tree, List.of(path.split("\\.", -1)), value));
    Path file = Files.createTempFile(folder, "values", ".yaml");
    return Files.writeString(file, new Dump(DumpSettings.builder().build()).dumpToString(tree));
  }

  @SuppressWarnings("unchecked") // only this method makes the folders
  private static void put(Map<String, Object> tree, List<String> path, Object value) {
    Map<String, Object> folder = tree;
    for (String name : path.subList(0, path.size() - 1)) {
      folder = (Map<String, Object>) folder.computeIfAbsent(name, _ -> new LinkedHashMap<>());
    }
    folder.put(path.getLast(), value);
  }
}
