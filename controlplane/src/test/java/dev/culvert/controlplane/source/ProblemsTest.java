// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.CapturedLog;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.policy.resource.ResourceError;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProblemsTest {
  private static final ResourceError ERROR =
      new ResourceError("web.yaml", 2, "spec.ports[0].port", 17, "'x\"\n' is no port", "write 80");

  @TempDir private Path folder;

  @Test
  void errorIsLoggedOnceAndItsEndToo() {
    try (StateFolder state = StateFolder.open(folder);
        CapturedLog log = new CapturedLog(Problems.class.getName())) {
      Problems problems = new Problems(state);
      problems.update(List.of(ERROR), List.of("a notice"));
      problems.update(List.of(ERROR), List.of("a notice"));
      problems.update(List.of(), List.of("a notice"));
      assertThat(log.lines())
          .containsExactly(
              "ERROR " + ERROR + " (its last good state, if it has one, stays in force)",
              "WARN a notice",
              "INFO solved: " + ERROR);
    }
  }

  @Test
  void statusIsJson() {
    try (StateFolder state = StateFolder.open(folder)) {
      Problems problems = new Problems(state);
      problems.update(List.of(), List.of());
      assertThat(folder.resolve(Problems.FILE)).hasContent("{\"errors\":[],\"notices\":[]}\n");
      problems.update(List.of(ERROR), List.of("one \\ \u0001 \ud83d\ude00", "two"));
      assertThat(folder.resolve(Problems.FILE))
          .hasContent(
              """
              {"errors":[{"file":"web.yaml","document":2,"line":17,"field":"spec.ports[0].port",\
              "problem":"'x\\"\\u000a' is no port","remedy":"write 80"}],\
              "notices":["one \\\\ \\u0001 \\ud83d\\ude00",
               "two"]}
              """);
    }
  }
}
