// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the comments of values.yaml say of each value: those directly above its key. */
final class ValueNotes {
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z]+):.*");
  private static final int INDENT = 2;

  private final Map<String, String> notes = new LinkedHashMap<>();
  private final Deque<String> path = new ArrayDeque<>();
  private final List<String> above = new ArrayList<>();

  private ValueNotes() {}

  /** By the paths of values; a path without a comment has an empty note. */
  static Map<String, String> of(Path values) throws IOException {
    ValueNotes notes = new ValueNotes();
    Files.readAllLines(values).forEach(notes::read);
    return notes.notes;
  }

  private void read(String line) {
    Matcher key = KEY.matcher(line);
    if (line.strip().startsWith("#")) {
      above.add(line.strip().substring(1).strip());
    } else if (key.matches()) {
      while (path.size() > key.group(1).length() / INDENT) {
        path.removeLast();
      }
      path.addLast(key.group(2));
      notes.put(String.join(".", path), String.join(" ", above));
      above.clear();
    } else {
      above.clear();
    }
  }
}
