// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.culvert.cli.soak.Ending.How;
import dev.culvert.cli.soak.Job.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutcomeTest {
  private static final SoakPlan PLAN = new SoakPlan("soak", Duration.ofMinutes(10), 1, 24);

  private final Counts counts = new Counts();
  private final Map<Deed, Integer> deeds = new EnumMap<>(Deed.class);
  private final Curves curves = new Curves();
  private final Heaps heaps = new Heaps();
  private final List<String> troubles = new ArrayList<>();

  @BeforeEach
  void allWell() {
    for (Deed deed : Deed.values()) {
      deeds.put(deed, 3);
    }
    for (Kind kind : Kind.values()) {
      end(kind, new Verdict.Fine());
    }
    curves.all().put("ztunnel-node1", Collections.nCopies(40, new Sample(1, 7, 150_000, 90)));
    heaps.atTheBegin().put("ztunnel-node1", new Heaps.Held(7, 20_000));
    heaps.atTheEnd().put("ztunnel-node1", new Heaps.Held(7, 21_000));
  }

  @Test
  void passesWhenAllIsWell() {
    assertThat(outcome().reasons()).isEmpty();
    assertThat(outcome().passed()).isTrue();
    assertThat(outcome().summary()).startsWith("PASSED").contains("no errors");
  }

  @Test
  void oneFaultFails() {
    end(Kind.SHORT, new Verdict.Fault("short connection 9: cut"));

    assertThat(outcome().reasons())
        .singleElement(as(STRING))
        .matches("short connection 9: cut, at \\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");
    assertThat(outcome().summary()).startsWith("FAILED").contains("1 errors");
  }

  @Test
  void whatIsExplainedDoesNotFail() {
    end(Kind.LONG, new Verdict.Explained(Judge.CUT_BY_POLICY));

    assertThat(outcome().passed()).isTrue();
    assertThat(counts.explained()).containsEntry(Judge.CUT_BY_POLICY, 1L);
  }

  @Test
  void faultsBeyondTheListAreCounted() {
    for (int i = 0; i < 60; i++) {
      counts.fault("fault " + i);
    }

    assertThat(outcome().reasons()).hasSize(51).contains("and 10 more connections");
  }

  @ParameterizedTest
  @EnumSource
  void eachKindOfChurnMustHappen(Deed deed) {
    deeds.remove(deed);
    assertThat(outcome().reasons()).containsExactly("never happened: " + deed);
    deeds.put(deed, 0);
    assertThat(outcome().reasons()).containsExactly("never happened: " + deed);
  }

  @ParameterizedTest
  @EnumSource
  void eachKindOfConnectionMustEndWell(Kind kind) {
    counts.ended().remove(kind);

    assertThat(outcome().reasons()).singleElement().asString().contains(kind.word());
  }

  @Test
  void refusalIsTheGoodEndOfWhatIsForbidden() {
    counts.ended().remove(Kind.FORBIDDEN);
    end(Kind.FORBIDDEN, new Verdict.Explained(Judge.REFUSED_BY_POLICY));

    assertThat(outcome().passed()).isTrue();
  }

  @Test
  void heapThatGrewFails() {
    heaps.atTheEnd().put("ztunnel-node1", new Heaps.Held(7, 40_000));

    assertThat(outcome().reasons())
        .containsExactly(
            "ztunnel-node1: heap in use grew from 20000 to 40000 KB under the same load");
  }

  @Test
  void heapThatWasNotLookedAtTwiceFails() {
    heaps.atTheEnd().put("ztunnel-node1", new Heaps.Held(8, 20_000));
    assertThat(outcome().reasons()).singleElement().asString().contains("only once");
    heaps.atTheBegin().clear();
    assertThat(outcome().reasons()).containsExactly("no heap was looked at");
  }

  @Test
  void nothingLookedAtFails() {
    curves.all().clear();

    assertThat(outcome().reasons()).containsExactly("no process was looked at");
  }

  @Test
  void troubleFails() {
    troubles.add("agent-node2 ended by itself");

    assertThat(outcome().reasons()).containsExactly("agent-node2 ended by itself");
  }

  @Test
  void reportNamesReasonsAndCurves(@TempDir Path folder) throws Exception {
    troubles.add("agent-node2 ended by itself");
    Report.write(outcome(), "On this machine.", folder);

    assertThat(folder.resolve("result.md"))
        .content()
        .contains("./culvert soak --minutes 10 --seed 1", "- agent-node2 ended by itself")
        .contains("| half-closed | 1 |", "| policy edited, and back | 3 |", "rss.svg");
    assertThat(folder.resolve("rss.svg")).content().startsWith("<svg").endsWith("</svg>\n");
    assertThat(folder.resolve("samples.json")).content().contains("\"passed\":false");
  }

  private void end(Kind kind, Verdict verdict) {
    Job job = new Job(1, kind, "client1", "netns", "steady", "198.19.0.10", "-", 4);
    counts.ended(job, new Ending(1, 1, 2, 3, 10, 10, "steady1", How.DONE, ""), verdict);
  }

  private Outcome outcome() {
    return new Outcome(PLAN, counts, deeds, curves, heaps, troubles);
  }
}
