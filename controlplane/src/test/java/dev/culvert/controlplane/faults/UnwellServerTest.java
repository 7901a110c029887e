// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every controller, and everything that can befall it at an API server. */
@Timeout(60)
class UnwellServerTest {

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("all")
  void whatComesMeanwhileIsDoneOnceItIsOver(Controller controller, Fault fault) throws Exception {
    try (Cluster cluster = new Cluster()) {
      Job job = controller.start(cluster);
      job.give().accept(1);
      job.await(1);
      int before = cluster.server().requests(controller.collection());
      fault.begin(cluster, controller.collection());
      if (!controller.writes()) {
        cluster.server().dropWatches();
      }
      job.give().accept(2);
      if (fault.isHeard()) {
        cluster.server().awaitRequests(controller.collection(), before + 1);
      }
      assertThat(controller.writes() && fault.isCertain() && job.done().test(2)).isFalse();
      fault.end(cluster, controller.collection());
      job.await(2);
      assertThat(job.done().test(1)).isTrue();
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void serverThatForgetsWhatHappenedIsReadAnew(Controller controller) throws Exception {
    try (Cluster cluster = new Cluster()) {
      Job job = controller.start(cluster);
      job.give().accept(1);
      job.await(1);
      cluster.server().compact();
      cluster.server().dropWatches();
      job.give().accept(2);
      job.await(2);
      assertThat(job.done().test(1)).isTrue();
    }
  }

  private static Stream<Arguments> all() {
    return Arrays.stream(Controller.values())
        .flatMap(one -> one.faults().stream().map(fault -> Arguments.of(one, fault)));
  }
}
