// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What an account may do, as {@code verb group/resource}, and whether in its namespace only. */
final class AccessRules {
  /** {@code | list, watch | nodes, pods; endpointslices (discovery.k8s.io) | why |}. */
  private static final Pattern ROW = Pattern.compile("\\| ([a-z, ]+) \\| ([^|]+) \\| .+ \\|");

  private static final String HEAD = "| verbs | on | for |";
  private static final Pattern RESOURCES = Pattern.compile("([a-z/, ]+?)(?: \\(([^)]*)\\))?");
  private static final String BOUND = ", in `namespace`";

  private AccessRules() {}

  /** Those of the roles of that name. */
  static Set<String> of(List<Manifest> objects, String role) {
    Set<String> rules = new TreeSet<>();
    for (Manifest object : objects) {
      if (object.kind().matches("(Cluster)?Role") && object.name().equals(role)) {
        String where = object.kind().equals("Role") ? " in its namespace" : "";
        object.all("rules").forEach(rule -> rules.addAll(flat(rule, where)));
      }
    }
    return rules;
  }

  private static List<String> flat(Manifest rule, String where) {
    return rule.texts("apiGroups").stream()
        .flatMap(group -> flat(group, rule.texts("resources"), rule.texts("verbs"), where))
        .toList();
  }

  private static Stream<String> flat(
      String group, List<String> resources, List<String> verbs, String where) {
    return resources.stream()
        .flatMap(
            resource -> verbs.stream().map(verb -> verb + " " + group + "/" + resource + where));
  }

  /** Those of the table in the document, which has other tables too. */
  static Set<String> documented(Path document) throws IOException {
    Set<String> rules = new TreeSet<>();
    for (String line : table(Files.readAllLines(document))) {
      Matcher row = ROW.matcher(line);
      if (row.matches() && !row.group(1).equals("verbs")) {
        String resources = row.group(2);
        String where = resources.contains(BOUND) ? " in its namespace" : "";
        for (String part : resources.replace(BOUND, "").split("; ", -1)) {
          rules.addAll(part(part, words(row.group(1)), where));
        }
      }
    }
    return rules;
  }

  private static List<String> table(List<String> lines) {
    int head = lines.indexOf(HEAD);
    if (head < 0) {
      throw new IllegalArgumentException("no table begins with " + HEAD);
    }
    return lines.subList(head, lines.size()).stream()
        .takeWhile(line -> line.startsWith("|"))
        .toList();
  }

  private static List<String> part(String part, List<String> verbs, String where) {
    Matcher resources = RESOURCES.matcher(part);
    if (!resources.matches()) {
      throw new IllegalArgumentException("not of the form 'names (groups)': " + part);
    }
    String groups = resources.group(2) == null ? "" : resources.group(2);
    return Arrays.stream(groups.split(" and ", -1))
        .flatMap(group -> flat(group, words(resources.group(1)), verbs, where))
        .toList();
  }

  private static List<String> words(String list) {
    return List.of(list.split(", ", -1));
  }
}
