// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import static dev.culvert.cli.soak.Happenings.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.soak.Ending.How;
import dev.culvert.cli.soak.Happenings.Closing;
import dev.culvert.cli.soak.Happenings.Denial;
import dev.culvert.cli.soak.Job.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Times are seconds. */
class JudgeTest {
  private static final long SECOND = 1_000_000_000;

  private final Happenings happenings = new Happenings();
  private final Judge judge = new Judge(happenings);

  @Test
  void whatIsDoneIsFine() {
    assertThat(verdict("steady", end(10, 11, 12, How.DONE))).isInstanceOf(Verdict.Fine.class);
  }

  @ParameterizedTest
  @EnumSource(value = How.class, mode = Mode.EXCLUDE, names = "DONE")
  void whatIsSteadyHasNoExcuse(How how) {
    happenings.add(new Closing("churn", "churn-1", 11 * SECOND));
    happenings.add(denial("guarded", 10, 11, 13, 14));

    assertThat(verdict("steady", end(10, 11, 12, how))).isInstanceOf(Verdict.Fault.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"WRONG", "STALLED", "UNREACHABLE"})
  void nothingExplainsWrongBytesOrAStall(How how) {
    happenings.add(new Closing("churn", "churn-1", 11 * SECOND));
    happenings.add(Denial.forEver("churn"));

    assertThat(verdict("churn", end(10, 11, 12, how))).isInstanceOf(Verdict.Fault.class);
  }

  @Test
  void endOfThePodExplainsTheEndOfItsConnections() {
    happenings.add(new Closing("churn", "churn-1", 11 * SECOND));

    assertThat(verdict("churn", end(5, 6, 12, How.CUT))).isEqualTo(explained(Judge.CUT_BY_THE_APP));
  }

  @Test
  void endOfAnotherPodExplainsNothing() {
    happenings.add(new Closing("churn", "churn-7", 11 * SECOND));

    assertThat(verdict("churn", end(5, 6, 12, How.CUT))).isInstanceOf(Verdict.Fault.class);
  }

  @Test
  void endOfThePodExplainsNothingBeforeItNorLongAfter() {
    happenings.add(new Closing("churn", "churn-1", 11 * SECOND));

    assertThat(verdict("churn", end(5, 6, 10, How.CUT))).isInstanceOf(Verdict.Fault.class);
    assertThat(verdict("churn", end(5, 6, 17, How.CUT))).isInstanceOf(Verdict.Fault.class);
  }

  @Test
  void connectionOnItsWayToAPodThatEndsMayBeRefused() {
    happenings.add(new Closing("churn", "churn-1", 11 * SECOND));

    assertThat(verdict("churn", end(10, 0, 12, How.REFUSED))).isEqualTo(explained(Judge.TOO_LATE));
  }

  @Test
  void connectionBegunAfterAPodEndedMustPass() {
    happenings.add(new Closing("churn", "churn-1", 11 * SECOND));

    assertThat(verdict("churn", end(12, 0, 13, How.REFUSED))).isInstanceOf(Verdict.Fault.class);
  }

  @Test
  void forbiddenForEverIsRefused() {
    happenings.add(Denial.forEver("vault"));

    assertThat(verdict("vault", end(10, 0, 11, How.REFUSED)))
        .isEqualTo(explained(Judge.REFUSED_BY_POLICY));
  }

  @ParameterizedTest
  @EnumSource(names = {"DONE", "CUT"})
  void forbiddenForEverMustNotGetAByte(How how) {
    happenings.add(Denial.forEver("vault"));

    assertThat(verdict("vault", end(10, 11, 12, how)))
        .isInstanceOfSatisfying(
            Verdict.Fault.class, fault -> assertThat(fault.what()).contains("policy forbids it"));
  }

  @ParameterizedTest
  @EnumSource(names = {"STALLED", "UNREACHABLE"})
  void forbiddenIsRefusedAndNothingElse(How how) {
    happenings.add(Denial.forEver("vault"));

    assertThat(verdict("vault", end(10, 0, 11, how))).isInstanceOf(Verdict.Fault.class);
  }

  @Test
  void editCutsWhatIsOpen() {
    happenings.add(denial("guarded", 10, 11, 20, 21));

    assertThat(verdict("guarded", end(5, 6, 10.5, How.CUT)))
        .isEqualTo(explained(Judge.CUT_BY_POLICY));
    assertThat(verdict("guarded", end(10.1, 10.2, 11.5, How.CUT)))
        .isEqualTo(explained(Judge.CUT_BY_POLICY));
  }

  @Test
  void editThatIsUnderWayCutsToo() {
    happenings.add(denial("guarded", 10, NEVER, NEVER, NEVER));

    assertThat(verdict("guarded", end(5, 6, 12, How.CUT)))
        .isEqualTo(explained(Judge.CUT_BY_POLICY));
    assertThat(verdict("guarded", end(11, 12, 13, How.DONE))).isInstanceOf(Verdict.Fine.class);
  }

  @Test
  void editExplainsNoCutBeforeItOrLongAfter() {
    happenings.add(denial("guarded", 10, 11, 20, 21));

    assertThat(verdict("guarded", end(5, 6, 9, How.CUT))).isInstanceOf(Verdict.Fault.class);
    assertThat(verdict("guarded", end(5, 6, 17, How.CUT))).isInstanceOf(Verdict.Fault.class);
    assertThat(verdict("guarded", end(21, 22, 23, How.CUT))).isInstanceOf(Verdict.Fault.class);
  }

  @Test
  void whatAnEditForbidsMustNotGoOn() {
    happenings.add(denial("guarded", 10, 11, 12, 13));

    assertThat(verdict("guarded", end(5, 6, 15, How.DONE))).isInstanceOf(Verdict.Fine.class);
    assertThat(verdict("guarded", end(5, 6, 17, How.DONE)))
        .isInstanceOfSatisfying(
            Verdict.Fault.class, fault -> assertThat(fault.what()).contains("went on"));
  }

  @Test
  void nothingNewPassesWhileAnEditHolds() {
    happenings.add(denial("guarded", 10, 11, 20, 21));

    assertThat(verdict("guarded", end(12, 13, 14, How.DONE))).isInstanceOf(Verdict.Fault.class);
    assertThat(verdict("guarded", end(19.9, 20.1, 21, How.DONE)))
        .as("let in when it was being lifted")
        .isInstanceOf(Verdict.Fine.class);
  }

  @Test
  void refusalsBeginAndEndWithTheEdit() {
    happenings.add(denial("guarded", 10, 11, 20, 21));

    assertThat(verdict("guarded", end(8, 0, 9, How.REFUSED))).isInstanceOf(Verdict.Fault.class);
    assertThat(verdict("guarded", end(9, 0, 10.5, How.REFUSED)))
        .isEqualTo(explained(Judge.REFUSED_BY_POLICY));
    assertThat(verdict("guarded", end(20.5, 0, 22, How.REFUSED)))
        .isEqualTo(explained(Judge.REFUSED_BY_POLICY));
    assertThat(verdict("guarded", end(21.5, 0, 22, How.REFUSED))).isInstanceOf(Verdict.Fault.class);
  }

  @Test
  void nameOfAForbiddenAppIsAnsweredAllTheSame() {
    happenings.add(denial("guarded", 10, 11, 20, 21));
    Job job = new Job(7, Kind.DNS, "client1", "netns", "guarded", "guarded.soak", "198.19.0.30", 4);

    assertThat(judge.of(job, end(9, 0, 17, How.DONE))).isInstanceOf(Verdict.Fine.class);
    assertThat(judge.of(job, end(12, 0, 13, How.UNREACHABLE))).isInstanceOf(Verdict.Fault.class);
  }

  @Test
  void faultNamesTheConnection() {
    assertThat(verdict("steady", end(10, 11, 12, How.CUT)))
        .isEqualTo(
            new Verdict.Fault(
                "long connection 7, client1 -> steady (198.19.0.10) at churn-1 after 2000 ms,"
                    + " 300 bytes there and 200 back: cut, reset by peer"));
  }

  private Verdict verdict(String to, Ending end) {
    return judge.of(new Job(7, Kind.LONG, "client1", "netns", to, "198.19.0.10", "-", 4), end);
  }

  private static Verdict explained(String by) {
    return new Verdict.Explained(by);
  }

  private static Ending end(double began, double greeted, double ended, How how) {
    String server = greeted == 0 ? "-" : "churn-1";
    return new Ending(
        7, nanos(began), nanos(greeted), nanos(ended), 300, 200, server, how, "reset by peer");
  }

  private static Denial denial(
      String app, double written, double known, double lifted, double forgotten) {
    return new Denial(app, nanos(written), nanos(known), nanos(lifted), nanos(forgotten));
  }

  private static long nanos(double seconds) {
    return seconds >= NEVER ? NEVER : (long) (seconds * SECOND);
  }
}
