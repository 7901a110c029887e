// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import java.util.Optional;

/**
 * How far a pod has come, and what is next. Nothing is redirected before ztunnel serves the pod,
 * unless it lets the pod wait too long: then the pod's connections fail rather than pass unseen.
 * Ztunnel is told of the end only when nothing new can reach its listeners.
 *
 * @param known the namespace is in the kernel's map of pods
 * @param steered inbound connections go to the proxy
 * @param captured outbound connections go to the proxy
 */
record Progress(boolean known, Announcement announcement, boolean steered, boolean captured) {
  static final Progress NONE = new Progress(false, Announcement.NONE, false, false);

  /** What ztunnel knows of the pod. */
  enum Announcement {
    NONE,
    /** Told, not acknowledged. */
    WAITING,
    SERVED,
    /** Told of its end, not acknowledged. */
    WITHDRAWING
  }

  /** What an earlier agent did; ztunnel's connection did not outlive it. */
  static Progress adopted(boolean steered, boolean captured) {
    return new Progress(true, Announcement.NONE, steered, captured);
  }

  /**
   * The next step; empty when there is nothing to do, or an acknowledgement to wait for.
   *
   * @param overdue ztunnel had its time to acknowledge
   */
  Optional<Step> next(Wish wish, boolean overdue) {
    return switch (wish) {
      case ENROLLED -> towardsEnrolled(overdue);
      case SEALED -> isAnnounced() ? Optional.of(Step.WITHDRAW) : Optional.empty();
      case RELEASED -> towardsReleased();
    };
  }

  private Optional<Step> towardsEnrolled(boolean overdue) {
    if (!known) {
      return Optional.of(Step.KNOW);
    }
    if (announcement == Announcement.NONE) {
      return Optional.of(Step.ANNOUNCE);
    }
    boolean waits = announcement == Announcement.WAITING && !overdue;
    if (waits || announcement == Announcement.WITHDRAWING) {
      return Optional.empty();
    }
    if (!steered) {
      return Optional.of(Step.STEER);
    }
    return captured ? Optional.empty() : Optional.of(Step.CAPTURE);
  }

  private Optional<Step> towardsReleased() {
    if (captured) {
      return Optional.of(Step.RELEASE);
    }
    if (steered) {
      return Optional.of(Step.UNSTEER);
    }
    if (isAnnounced()) {
      return Optional.of(Step.WITHDRAW);
    }
    boolean waits = announcement == Announcement.WITHDRAWING;
    return known && !waits ? Optional.of(Step.FORGET) : Optional.empty();
  }

  private boolean isAnnounced() {
    return announcement == Announcement.WAITING || announcement == Announcement.SERVED;
  }

  /** Where the pod is once the step is done. */
  Progress after(Step step) {
    return switch (step) {
      case KNOW -> new Progress(true, announcement, steered, captured);
      case ANNOUNCE -> with(Announcement.WAITING);
      case STEER -> new Progress(known, announcement, true, captured);
      case CAPTURE -> new Progress(known, announcement, steered, true);
      case RELEASE -> new Progress(known, announcement, steered, false);
      case UNSTEER -> new Progress(known, announcement, false, captured);
      case WITHDRAW -> with(Announcement.WITHDRAWING);
      case FORGET -> new Progress(false, announcement, steered, captured);
    };
  }

  /** Ztunnel acknowledged what it was told last. */
  Progress acknowledged() {
    return switch (announcement) {
      case WAITING -> with(Announcement.SERVED);
      case WITHDRAWING -> with(Announcement.NONE);
      case NONE, SERVED -> this;
    };
  }

  /** To be announced anew, without leaving what is redirected. */
  Progress unannounced() {
    return with(Announcement.NONE);
  }

  private Progress with(Announcement next) {
    return new Progress(known, next, steered, captured);
  }

  boolean isGone() {
    return equals(NONE);
  }

  /** In a word or two, for status. */
  String text() {
    if (announcement == Announcement.WITHDRAWING) {
      return "leaving";
    }
    if (!captured || !steered) {
      return "joining";
    }
    return announcement == Announcement.SERVED ? "enrolled" : "closed, ztunnel is awaited";
  }
}
