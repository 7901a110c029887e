// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import static dev.culvert.cli.soak.Happenings.NEVER;

import dev.culvert.cli.soak.Happenings.Denial;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Says of each connection whether its end is as it must be. An end is explained only by something
 * that was done to the very pod or app at the other side, at that time; kills of agents and
 * controlplanes and renewals of certificates explain nothing.
 */
record Judge(Happenings happenings) {
  /** For an end to reach the client, and the client to be scheduled, on a machine that is busy. */
  static final Duration GRACE = Duration.ofSeconds(5);

  static final String REFUSED_BY_POLICY = "refused by policy";
  static final String CUT_BY_POLICY = "cut by a policy edit";
  static final String CUT_BY_THE_APP = "cut by its app's end";
  static final String TOO_LATE = "on its way to an app that ended";

  private static final Verdict FINE = new Verdict.Fine();

  Verdict of(Job job, Ending end) {
    // The mesh itself answers it, whatever may be done to the app.
    if (job.kind() == Job.Kind.DNS) {
      return end.how() == Ending.How.DONE ? FINE : fault(job, end);
    }
    return switch (end.how()) {
      case WRONG, STALLED, UNREACHABLE -> fault(job, end);
      case REFUSED -> refused(job, end);
      case CUT -> passedForbidden(job, end) ? forbidden(job, end) : cut(job, end);
      case DONE -> passedForbidden(job, end) ? forbidden(job, end) : done(job, end);
    };
  }

  private Verdict refused(Job job, Ending end) {
    if (any(job, d -> end.ended() >= d.written() && end.began() <= d.forgotten())) {
      return new Verdict.Explained(REFUSED_BY_POLICY);
    }
    boolean tooLate =
        happenings.closingsOf(job.to()).stream()
            .anyMatch(closing -> end.began() <= closing.at() && closing.at() <= end.ended());
    return tooLate ? new Verdict.Explained(TOO_LATE) : fault(job, end);
  }

  /** Begun when every proxy knew the policy, let in before it was lifted. */
  private boolean passedForbidden(Job job, Ending end) {
    return end.isGreeted() && any(job, d -> d.known() <= end.began() && end.greeted() < d.lifted());
  }

  private Verdict cut(Job job, Ending end) {
    boolean byTheApp =
        happenings.closingsOf(job.to()).stream()
            .anyMatch(c -> c.pod().equals(end.server()) && within(c.at(), c.at(), end.ended()));
    if (byTheApp) {
      return new Verdict.Explained(CUT_BY_THE_APP);
    }
    boolean byPolicy =
        any(job, d -> end.greeted() <= d.known() && within(d.written(), d.known(), end.ended()));
    return byPolicy ? new Verdict.Explained(CUT_BY_POLICY) : fault(job, end);
  }

  /** Open when every proxy knew a policy that forbids it, it must not have gone on. */
  private Verdict done(Job job, Ending end) {
    boolean wentOn =
        any(
            job,
            d ->
                d.known() != NEVER
                    && end.greeted() < d.known()
                    && end.ended() - d.known() > GRACE.toNanos());
    return wentOn ? new Verdict.Fault(job + ": went on although policy forbade it") : FINE;
  }

  private boolean any(Job job, Predicate<Denial> such) {
    return happenings.denialsOf(job.to()).stream().anyMatch(such);
  }

  private static boolean within(long from, long until, long at) {
    return at >= from && (until == NEVER || at - until <= GRACE.toNanos());
  }

  private static Verdict forbidden(Job job, Ending end) {
    return new Verdict.Fault(
        "%s: passed to %s although policy forbids it".formatted(job, end.server()));
  }

  private static Verdict fault(Job job, Ending end) {
    return new Verdict.Fault(
        "%s at %s after %d ms, %d bytes there and %d back: %s, %s"
            .formatted(
                job,
                end.server(),
                (end.ended() - end.began()) / 1_000_000,
                end.sent(),
                end.verified(),
                end.how().name().toLowerCase(Locale.ROOT),
                end.detail()));
  }
}
