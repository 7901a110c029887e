// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ProgressTest {
  private final List<Step> taken = new ArrayList<>();
  private Progress progress = Progress.NONE;

  private void run(Wish wish, boolean overdue) {
    Optional<Step> step = progress.next(wish, overdue);
    while (step.isPresent()) {
      taken.add(step.get());
      progress = progress.after(step.get());
      step = progress.next(wish, overdue);
    }
  }

  @Test
  void nothingIsRedirectedBeforeZtunnelServes() {
    run(Wish.ENROLLED, false);
    assertThat(taken).containsExactly(Step.KNOW, Step.ANNOUNCE);
    progress = progress.acknowledged();
    run(Wish.ENROLLED, false);
    assertThat(taken).containsExactly(Step.KNOW, Step.ANNOUNCE, Step.STEER, Step.CAPTURE);
    assertThat(progress.text()).isEqualTo("enrolled");
  }

  @Test
  void podThatZtunnelLetsWaitIsClosed() {
    run(Wish.ENROLLED, true);
    assertThat(taken).containsExactly(Step.KNOW, Step.ANNOUNCE, Step.STEER, Step.CAPTURE);
    assertThat(progress.text()).contains("closed");
    progress = progress.acknowledged();
    assertThat(progress.next(Wish.ENROLLED, true)).isEmpty();
    assertThat(progress.text()).isEqualTo("enrolled");
  }

  @Test
  void ztunnelHearsOfTheEndWhenNothingNewCanReachIt() {
    enrol();
    run(Wish.RELEASED, false);
    assertThat(taken).containsExactly(Step.RELEASE, Step.UNSTEER, Step.WITHDRAW);
    progress = progress.acknowledged();
    run(Wish.RELEASED, false);
    assertThat(taken).endsWith(Step.WITHDRAW, Step.FORGET);
    assertThat(progress.isGone()).isTrue();
  }

  @Test
  void namespaceWithoutNameStaysClosed() {
    enrol();
    run(Wish.SEALED, false);
    assertThat(taken).containsExactly(Step.WITHDRAW);
    progress = progress.acknowledged();
    assertThat(progress.next(Wish.SEALED, false)).isEmpty();
    assertThat(progress.captured() && progress.steered() && progress.known()).isTrue();
  }

  @Test
  void sealedNamespaceThatReturnsIsAnnouncedAgain() {
    enrol();
    run(Wish.SEALED, false);
    assertThat(progress.next(Wish.ENROLLED, true)).as("its end is not acknowledged").isEmpty();
    progress = progress.acknowledged();
    taken.clear();
    run(Wish.ENROLLED, false);
    assertThat(taken).containsExactly(Step.ANNOUNCE);
  }

  @Test
  void adoptedPodIsOnlyAnnounced() {
    progress = Progress.adopted(true, true);
    run(Wish.ENROLLED, false);
    assertThat(taken).containsExactly(Step.ANNOUNCE);
  }

  @Test
  void podThatWasLeftHalfWayIsFinished() {
    progress = Progress.adopted(true, false);
    run(Wish.ENROLLED, true);
    assertThat(taken).containsExactly(Step.ANNOUNCE, Step.CAPTURE);
  }

  @Test
  void unannouncedOrphanIsReleasedWithoutZtunnel() {
    progress = Progress.adopted(true, true);
    run(Wish.RELEASED, false);
    assertThat(taken).containsExactly(Step.RELEASE, Step.UNSTEER, Step.FORGET);
    assertThat(progress.isGone()).isTrue();
  }

  @Test
  void wishThatChangesHalfWayTurnsAround() {
    run(Wish.ENROLLED, false);
    run(Wish.RELEASED, false);
    assertThat(taken).containsExactly(Step.KNOW, Step.ANNOUNCE, Step.WITHDRAW);
    progress = progress.acknowledged();
    run(Wish.RELEASED, false);
    assertThat(progress.isGone()).isTrue();
  }

  private void enrol() {
    run(Wish.ENROLLED, true);
    progress = progress.acknowledged();
    taken.clear();
  }
}
