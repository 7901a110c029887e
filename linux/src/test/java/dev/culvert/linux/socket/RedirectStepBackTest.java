// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.bpf.NeedsRoot;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy that ends lets the one before it have the ports again. */
@NeedsRoot
final class RedirectStepBackTest extends HandOverCase {
  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void newestThatStepsBackLetsTheOlderTakeOverAndKeepsItsQueue(int port) throws Exception {
    for (Family family : Family.values()) {
      try (TestSocket older = proxy(podOf(port), port)) {
        TestSocket newest = proxy(podOf(port), port);
        try (TestSocket early = open(family, port)) {
          SocketOptions.stepBack(newest.fd());
          assertTakes(older, port);
          try (TestSocket kept = newest.accept()) {
            assertTalks(early, kept);
          }
          newest.close();
          assertTakes(older, port);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void olderThatStepsBackLeavesTheNewestWhereItIs(int port) throws Exception {
    try (TestSocket first = proxy(podOf(port), port);
        TestSocket second = proxy(podOf(port), port)) {
      SocketOptions.stepBack(first.fd());
      assertTakes(second, port);
      try (TestSocket third = proxy(podOf(port), port)) {
        assertTakes(third, port);
        SocketOptions.stepBack(second.fd());
        assertTakes(third, port);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void onlyOneThatStepsBackServesUntilTheNextDoes(int port) throws Exception {
    try (TestSocket only = proxy(podOf(port), port)) {
      SocketOptions.stepBack(only.fd());
      assertTakes(only, port);
      try (TestSocket next = proxy(podOf(port), port)) {
        assertTakes(next, port);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OUTBOUND, INBOUND, HBONE})
  void whoHasNotRegisteredCannotStepBack(int port) throws Exception {
    try (TestSocket app = intruder(podOf(port), port);
        TestSocket accepting = proxy(podOf(port), port);
        TestSocket client = open(Family.IPV4, port);
        TestSocket accepted = accepting.accept()) {
      for (TestSocket one : List.of(app, client, accepted)) {
        assertThatThrownBy(() -> SocketOptions.stepBack(one.fd())).hasMessageContaining("EPERM");
      }
    }
  }
}
