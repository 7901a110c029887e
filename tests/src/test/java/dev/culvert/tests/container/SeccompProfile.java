// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.container;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Which system calls a container has, as a runtime is told it. */
public enum SeccompProfile {
  /**
   * seccomp.profile=RuntimeDefault: what podman and CRI-O give; containerd's is made of the same.
   */
  RUNTIME_DEFAULT {
    @Override
    JsonObject of(ChartContainer container) throws IOException {
      return resolved(read(Path.of("/usr/share/containers/seccomp.json")), container);
    }
  },
  /**
   * seccomp.profile=Localhost: Culvert's own. A call that is not in it ends the process here, so
   * that none is refused without anybody noticing.
   */
  LOCALHOST {
    @Override
    JsonObject of(ChartContainer container) throws IOException {
      JsonObject profile = read(Path.of("../daemonset/seccomp", container.name() + ".json"));
      for (JsonElement rule : profile.getAsJsonArray("syscalls")) {
        rule.getAsJsonObject().remove("comment");
      }
      profile.remove("defaultErrnoRet");
      profile.addProperty("defaultAction", "SCMP_ACT_KILL_PROCESS");
      return profile;
    }
  };

  abstract JsonObject of(ChartContainer container) throws IOException;

  private static JsonObject read(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }

  /**
   * What a runtime makes of rules that depend on capabilities and machine, before OCI sees them.
   */
  private static JsonObject resolved(JsonObject profile, ChartContainer container) {
    JsonArray rules = new JsonArray();
    for (JsonElement each : profile.getAsJsonArray("syscalls")) {
      JsonObject rule = each.getAsJsonObject();
      if (applies(rule.remove("includes"), container, true)
          && applies(rule.remove("excludes"), container, false)) {
        rule.remove("comment");
        rule.remove("errno");
        rules.add(rule);
      }
    }
    JsonObject resolved = new JsonObject();
    resolved.add("defaultAction", profile.get("defaultAction"));
    resolved.add("defaultErrnoRet", profile.get("defaultErrnoRet"));
    resolved.add("architectures", array("SCMP_ARCH_X86_64"));
    resolved.add("syscalls", rules);
    return resolved;
  }

  private static boolean applies(JsonElement when, ChartContainer container, boolean wanted) {
    if (!(when instanceof JsonObject condition)) {
      return true;
    }
    return holds(condition, "caps", container.capabilities(), wanted)
        && holds(condition, "arches", List.of("amd64"), wanted);
  }

  private static boolean holds(JsonObject when, String key, List<String> own, boolean wanted) {
    return !(when.get(key) instanceof JsonArray named)
        || named.asList().stream().anyMatch(each -> own.contains(each.getAsString())) == wanted;
  }

  private static JsonArray array(String only) {
    JsonArray array = new JsonArray();
    array.add(only);
    return array;
  }
}
