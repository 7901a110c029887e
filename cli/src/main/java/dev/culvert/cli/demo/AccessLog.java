// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The connections that a ztunnel logged, one line each when they end. */
record AccessLog(LabProcess ztunnel) {
  private static final Pattern FIELD = Pattern.compile("([a-z_.]+)=(?:\"([^\"]*)\"|(\\S+))");
  private static final Duration SOON = Duration.ofSeconds(15);

  /** A line by the names of its fields. */
  record Connection(Map<String, String> fields) {
    String get(String name) {
      return fields.getOrDefault(name, "-");
    }

    boolean has(String name, String value) {
      return get(name).equals(value);
    }
  }

  List<Connection> connections() throws IOException {
    return ztunnel.lines().stream()
        .filter(line -> line.contains(" access "))
        .map(AccessLog::parse)
        .toList();
  }

  /** How many lines there are: what comes after belongs to what is done next. */
  int size() throws IOException {
    return connections().size();
  }

  /** Waits for such a line after the first {@code known}. */
  Connection await(int known, String what, Predicate<Connection> wanted) throws IOException {
    Await.until(
        "%s logs %s".formatted(ztunnel.name(), what),
        SOON,
        () -> connections().stream().skip(known).anyMatch(wanted));
    return connections().stream().skip(known).filter(wanted).findFirst().orElseThrow();
  }

  static Connection parse(String line) {
    Map<String, String> fields = new HashMap<>();
    Matcher match = FIELD.matcher(line);
    while (match.find()) {
      fields.put(match.group(1), match.group(2) == null ? match.group(3) : match.group(2));
    }
    return new Connection(fields);
  }
}
