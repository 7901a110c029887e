// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.linux.bpf.SystemCallTrace;
import dev.culvert.tests.container.AllowedCalls;
import dev.culvert.tests.container.ConfinedLife;
import dev.culvert.tests.container.ConfinedNode;
import dev.culvert.tests.container.SeccompProfile;
import dev.culvert.tests.mesh.Root;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Culvert's own profiles allow beyond what agent and ztunnel were seen to call, in lives over
 * each transport, stands in their document with a reason.
 */
@Root
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class NarrowProfilesTest {
  private static final List<String> DAEMONS = List.of("agent", "ztunnel");
  private static final Map<String, Set<SystemCallTrace.Call>> MADE = new HashMap<>();

  @BeforeAll
  static void live() throws Exception {
    DAEMONS.forEach(daemon -> MADE.put(daemon, new HashSet<>()));
    try (SystemCallTrace trace = SystemCallTrace.start()) {
      for (String transport : List.of("epoll", "nio", "io_uring")) {
        live(trace, Map.of("transport", transport, "same-node", "kernel"));
      }
    }
  }

  private static void live(SystemCallTrace trace, Map<String, String> ztunnel) throws Exception {
    try (ConfinedNode node = ConfinedNode.start(SeccompProfile.LOCALHOST, ztunnel)) {
      ConfinedLife.live(node);
      for (String daemon : DAEMONS) {
        MADE.get(daemon).addAll(ConfinedLife.calls(trace, node, daemon));
      }
    }
  }

  @AfterAll
  static void forget() {
    MADE.clear();
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent", "ztunnel"})
  void whatIsAllowedIsCalledOrHasAReason(String daemon) throws IOException {
    AllowedCalls allowed = AllowedCalls.of(daemon);
    Set<String> beyond = allowed.beyond(MADE.get(daemon));
    beyond.removeAll(allowed.explained());
    assertThat(beyond).as("allowed to the %s, not called and without a reason", daemon).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent", "ztunnel"})
  void reasonsAreOfCallsThatAreAllowed(String daemon) throws IOException {
    AllowedCalls allowed = AllowedCalls.of(daemon);
    assertThat(allowed.calls()).containsAll(allowed.explained());
  }

  @Test
  void callThatNobodyMakesIsFoundOut() throws IOException {
    AllowedCalls wider = AllowedCalls.of("agent").with("ptrace").with("bpf 36");
    assertThat(wider.beyond(MADE.get("agent"))).contains("ptrace", "bpf 36");
  }
}
