// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.container;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.culvert.linux.bpf.SystemCallTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a profile of Culvert's own allows: calls by name, and {@code NAME VALUE} for those of which
 * only some are allowed.
 */
public record AllowedCalls(String daemon, Set<String> calls) {
  private static final Path FOLDER = Path.of("../daemonset/seccomp");
  private static final Pattern ROW = Pattern.compile("\\| (`[^|]+`) \\| ([^|]+) \\|.*");
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  /** The profile of that container. */
  public static AllowedCalls of(String daemon) throws IOException {
    JsonObject profile =
        JsonParser.parseString(Files.readString(FOLDER.resolve(daemon + ".json")))
            .getAsJsonObject();
    Set<String> calls = new TreeSet<>();
    for (JsonElement each : profile.getAsJsonArray("syscalls")) {
      JsonObject rule = each.getAsJsonObject();
      if (rule.get("action").getAsString().equals("SCMP_ACT_ALLOW")) {
        rule.getAsJsonArray("names").forEach(name -> calls.add(name.getAsString() + value(rule)));
      }
    }
    return new AllowedCalls(daemon, calls);
  }

  private static String value(JsonObject rule) {
    if (rule.get("args") instanceof JsonArray conditions) {
      JsonObject only = conditions.get(0).getAsJsonObject();
      if (only.get("op").getAsString().equals("SCMP_CMP_EQ")) {
        return " " + only.get("value").getAsLong();
      }
    }
    return "";
  }

  /** A profile that allows one more. */
  public AllowedCalls with(String call) {
    Set<String> more = new TreeSet<>(calls);
    more.add(call);
    return new AllowedCalls(daemon, more);
  }

  /** Those that none of these calls needed. */
  public Set<String> beyond(Set<SystemCallTrace.Call> made) {
    Set<String> beyond = new TreeSet<>(calls);
    for (SystemCallTrace.Call call : made) {
      String name = CallNames.of(call.number());
      beyond.remove(name);
      beyond.remove(name + " " + call.argument());
    }
    return beyond;
  }

  /** Those that its document says are needed though a run may not show them. */
  public Set<String> explained() throws IOException {
    Set<String> explained = new HashSet<>();
    for (String line : Files.readAllLines(FOLDER.resolve("README.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches() && (row.group(2).equals("both") || row.group(2).equals(daemon))) {
        explained.addAll(
            NAME.matcher(row.group(1))
                .results()
                .map(name -> name.group(1))
                .collect(Collectors.toSet()));
      }
    }
    return explained;
  }
}
